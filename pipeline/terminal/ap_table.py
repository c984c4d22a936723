"""The AP table of a run: a row for each label and source, one model beside another."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from components.evaluation.comparison import ComparisonRow, by_source, compare
from components.evaluation.results import Evaluation, SliceFigure
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say, say_sentence
from transforms.domain import STREAM

_TITLE = "Average precision on the test days"
_MARKS = (
    "[low, high] 95 % interval; * too few positives to judge",
    "~ may be chance: one AP lies in the other's 95 % interval",
)


def show_ap_tables(console: Console, evaluations: dict[str, Evaluation]) -> None:
    """Prints a table for each branch beside the first one, and names the stream heads if none can be judged.

    Args:
        console: the screen.
        evaluations: of one run, by branch; the first is the one that the others are compared with.
    """
    (first, reference), *others = evaluations.items()
    for name, evaluation in others:
        rows = by_source(compare(evaluation, reference), evaluation.sources)
        show_columns(console, report_columns(rows, name, first), title=_TITLE)
    if not others:
        rows = by_source(compare(reference), reference.sources)
        show_columns(console, report_columns(rows, first), title=_TITLE)
    for marks in _MARKS:
        say(console, marks)
    for branch, evaluation in evaluations.items():
        if line := _unjudged_streams(by_source(compare(evaluation), evaluation.sources)):
            say_sentence(console, f"{branch}: {line}", others="  ")


def report_columns(rows: Sequence[ComparisonRow], name: str, other: str | None = None) -> list[TableColumn]:
    """The columns of an AP table; add a column of the report here.

    Args:
        rows: one for each label and source.
        name: the branch of the rows' figures.
        other: the branch of the rows' other figures, None if there is none.
    """
    heads = Counter((row.label, row.source) for row in rows)
    labels = [row.label if heads[row.label, row.source] == 1 else f"{row.label} ({row.head})" for row in rows]
    columns = [
        TableColumn("label", labels),
        TableColumn("source", [row.source or "all" for row in rows]),
        TableColumn("base rate", [_share(row.figure.base_rate) for row in rows], right=True, rank=3),
        TableColumn("positives", [f"{row.figure.positives:,}" for row in rows], right=True, rank=4),
        _ap_column(name, [row.figure for row in rows], rank=1),
    ]
    if other is not None:
        columns += [
            _ap_column(other, [row.other for row in rows], rank=2),
            TableColumn("change", [_change(row) for row in rows], right=True),
        ]
    return columns


def _ap_column(branch: str, figures: Sequence[SliceFigure | None], *, rank: int) -> TableColumn:
    """APs with their intervals, and without them on a narrow screen."""
    whole = [_ap(figure, interval=True) for figure in figures]
    return TableColumn(branch, whole, right=True, rank=rank, short=[_ap(figure, interval=False) for figure in figures])


def _ap(figure: SliceFigure | None, *, interval: bool) -> str:
    if figure is None or figure.ap is None:
        return "none"
    bounds = f" [{figure.low:.3f}, {figure.high:.3f}]" if interval and figure.low is not None else ""
    return f"{figure.ap:.4f}{bounds}{'' if figure.judged else ' *'}"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _change(row: ComparisonRow) -> str:
    """How far the AP is from the other one; empty where it cannot be judged."""
    change = row.relative_change
    return "" if change is None else f"{'~ ' if row.may_be_chance else ''}{change:+.1%}"


def _unjudged_streams(rows: Sequence[ComparisonRow]) -> str | None:
    """A sentence that names the stream heads, if there are too few streams to judge any of them."""
    streams = [row for row in rows if row.label == STREAM]
    if not streams or any(row.figure.judged for row in streams):
        return None
    named = ", ".join(f"{row.head} on source {row.source} ({row.figure.positives:,} positives)" for row in streams)
    return f"no stream head could be judged: {named}; raise split.test_days, or lower evaluator.min_positives"
