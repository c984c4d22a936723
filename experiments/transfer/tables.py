"""The gains on the screen."""

from collections.abc import Sequence

from rich.console import Console

from experiments.systems.reading import say_how_to_read
from experiments.systems.texts import change_text, interval_text
from experiments.transfer.gains import RIVALS, Gain
from experiments.transfer.systems import SILOS
from pipeline.terminal.fitting import TableColumn, show_columns


def show_gains(console: Console, gains: Sequence[Gain]) -> None:
    """Prints a table for each source and rival."""
    for source in SILOS:
        for rival in RIVALS:
            own = [gain for gain in gains if (gain.source, gain.rival) == (source, rival)]
            title = f"Gain of joint over {rival}, AP of streams, source {source}"
            show_columns(console, gain_columns(own), apart=True, title=title)
    say_how_to_read(console, [gain.row for gain in gains])


def gain_columns(gains: Sequence[Gain]) -> list[TableColumn]:
    """A row for each point, from the gains of one source and rival."""
    whole = [gain for gain in gains if not gain.cold]
    cold = {gain.coordinates: gain.row for gain in gains if gain.cold}
    texts = [change_text(cold[gain.coordinates]) if gain.coordinates in cold else "" for gain in whole]
    return [
        TableColumn("show/user correlation", [gain.coordinates.correlations for gain in whole]),
        TableColumn("ads per promotion", [f"{gain.coordinates.ratio:g}" for gain in whole], right=True),
        TableColumn("scarce channel", [f"{gain.coordinates.scarce:,}" for gain in whole], right=True),
        TableColumn("gain", [change_text(gain.row) for gain in whole], right=True),
        TableColumn("95 % interval", [interval_text(gain.row) for gain in whole], right=True),
        TableColumn("less-streamed", texts, right=True, rank=1),
        TableColumn("rival", [gain.system for gain in whole], rank=2),
    ]
