"""An ablation on the screen: a table for each source, with the cold slices beside all rows."""

from collections.abc import Sequence

from rich.console import Console

from components.evaluation.paired.row import PairedRow
from experiments.p_values import p_text
from experiments.systems.cells import ALL_WORLDS, Cell, sources_of
from experiments.systems.reading import say_how_to_read
from experiments.systems.texts import ap_text, change_text, interval_text, slice_text
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say_sentence

_COLD = ("less-streamed", "unseen show")


def show_ablation(console: Console, cells: Sequence[Cell], idle: Sequence[str]) -> None:
    """Prints the tables of the cells of all worlds.

    Args:
        console: the screen.
        cells: of `cells_of`, each against the full recipe.
        idle: names of the ablations that change nothing here.
    """
    together = [cell for cell in cells if cell.world == ALL_WORLDS and "source" in cell.row.keys]
    for source in sources_of(together):
        own = [cell for cell in together if cell.row.keys["source"] == source]
        full = next((cell.row.theirs for cell in own if slice_text(cell.row) == "all"), None)
        title = f"AP of streams, source {source}, against {own[0].against} ({ap_text(full)})"
        show_columns(console, ablation_columns(own), apart=True, title=title)
    say_how_to_read(console, [cell.row for cell in together])
    if idle:
        say_sentence(console, f"Left out, since they change nothing with this config: {', '.join(idle)}.")


def ablation_columns(cells: Sequence[Cell]) -> list[TableColumn]:
    """A row for each ablation, from the cells of one source."""
    rows: dict[str, dict[str, PairedRow]] = {}
    for cell in cells:
        rows.setdefault(cell.system, {})[slice_text(cell.row)] = cell.row
    whole = [of_system["all"] for of_system in rows.values()]
    columns = [
        TableColumn("ablation", list(rows)),
        TableColumn("AP", [ap_text(row.ours) for row in whole], right=True, rank=1),
        TableColumn("change", [change_text(row) for row in whole], right=True),
        TableColumn("95 % interval", [interval_text(row) for row in whole], right=True),
        TableColumn("q", [p_text(row.q) for row in whole], right=True, rank=2),
    ]
    for name in _COLD:
        texts = [change_text(of[name]) if name in of else "" for of in rows.values()]
        columns.append(TableColumn(name, texts, right=True))
    return columns
