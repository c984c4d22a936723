"""A power calculation on the screen."""

from collections.abc import Sequence

from rich.console import Console

from experiments.ab.measures.texts import value_text
from experiments.ab.power.calculation import SHOWN_DAYS, PowerRow, PowerSettings
from experiments.ab.power.curve import MOST_DAYS
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say, say_sentence


def show_power(console: Console, rows: Sequence[PowerRow], settings: PowerSettings) -> None:
    """Prints how many days each metric takes, and what shorter tests find."""
    say_sentence(
        console,
        f"Days until a change of {settings.lift:+.1%} is found with {_percent(settings.power)} power at a level of "
        f"{_percent(settings.alpha)}, with {_percent(settings.share)} of the users in the treatment",
    )
    show_columns(console, power_columns(rows))
    say(console, "~ longer than the logs: extrapolated")
    say(console, "none: too few streams or clicks by then, or too few users with them")


def power_columns(rows: Sequence[PowerRow]) -> list[TableColumn]:
    """The columns of the table of a power calculation; add a column here."""
    segments = [row.segment for row in rows]
    shown = [name if not at or segments[at - 1] != name else "" for at, name in enumerate(segments)]
    smallest = [
        TableColumn(f"finds in {days} days", [_lift_text(row.smallest[at]) for row in rows], right=True)
        for at, days in enumerate(SHOWN_DAYS)
    ]
    return [
        TableColumn("segment", shown),
        TableColumn("metric", [row.metric for row in rows]),
        TableColumn("value", [value_text(row.metric, row.value) for row in rows], right=True),
        TableColumn("days", [days_text(row) for row in rows], right=True),
        *smallest,
    ]


def days_text(row: PowerRow) -> str:
    """The days of a test in words."""
    if row.curve is None:
        return "none"
    if row.days is None:
        return f"> {MOST_DAYS}"
    return f"{'~ ' if row.extrapolated else ''}{row.days}"


def _lift_text(value: float | None) -> str:
    return "none" if value is None else f"{value:+.1%}"


def _percent(share: float) -> str:
    """Exact: a level of 0.001 must not read 0%."""
    return f"{100 * share:g}%"
