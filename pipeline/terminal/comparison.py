"""The tables of `coldcast compare`."""

from collections.abc import Sequence

from rich.console import Console

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS
from components.evaluation.paired.row import PairedRow, several_heads
from components.report.page.words import slice_words
from pipeline.comparison.guards import NOT_JUDGED, GuardRows, verdict
from pipeline.comparison.rows import SAME, Compared, on_screen
from pipeline.terminal.ap_table import change_text, changes_text
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say, say_sentence, show_warnings

_TITLES = {AP: "AP", LOG_LOSS: "Log loss (less is better)", CALIBRATION: "Expected / observed (1 is best)"}


def show_compared(console: Console, compared: Compared, label: str | None) -> None:
    """A table for each measure, the rows of all labels or of `label` alone."""
    say_sentence(console, f"{compared.model} beside {compared.reference}, on the same test rows", others="  ")
    if compared.same:
        show_warnings(console, [SAME])
    rows = on_screen(compared.rows, label)
    for measure, title in _TITLES.items():
        of_measure = [row for row in rows if row.measure == measure]
        show_columns(console, comparison_columns(of_measure), title=title)
    say(console, "[low, high] 95 % interval by user; * too few positives to judge")
    say_sentence(console, changes_text(rows), others="  ")


def comparison_columns(rows: Sequence[PairedRow]) -> list[TableColumn]:
    """The columns of a table; add a column here."""
    several = several_heads(rows)
    labels = [
        f"{row.label} ({', '.join(dict.fromkeys(row.heads))})" if row.label in several else row.label for row in rows
    ]
    return [
        TableColumn("label", labels),
        TableColumn("source", [str(row.keys.get("source", "all")) for row in rows]),
        TableColumn("rows", [_shows(row) + ("" if row.judged else " *") for row in rows]),
        TableColumn("positives", [f"{row.positives:,}" for row in rows], right=True, rank=4),
        TableColumn("this", [_number(row.ours) for row in rows], right=True, rank=1),
        TableColumn("reference", [_number(row.theirs) for row in rows], right=True, rank=1),
        TableColumn(
            "change",
            [change_text(row, interval=True) for row in rows],
            right=True,
            rank=2,
            short=[change_text(row, interval=False) for row in rows],
        ),
        TableColumn("q", ["" if row.q is None else f"{row.q:.3f}" for row in rows], right=True, rank=3),
    ]


def show_guards(console: Console, guards: GuardRows) -> None:
    """A line for each guard: whether it passed, and the change, or why the models have no such difference."""
    for guard, row in guards.rows.items():
        change = change_text(row, interval=True) or f"{row.positives:,} positives of {row.users:,} users"
        if row.broken:
            change = "a score is not a number"
        say_sentence(console, f"guard {guard.name}: {verdict(row)} ({change})", others="  ")
    for guard, reason in guards.missing.items():
        say_sentence(console, f"guard {guard.name} of compare.guards: {NOT_JUDGED} ({reason})", others="  ")


def _shows(row: PairedRow) -> str:
    return slice_words({column: value for column, value in row.keys.items() if column != "source"})


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
