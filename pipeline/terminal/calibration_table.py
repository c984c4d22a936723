"""The calibration table of a run: expected over observed outcomes of each branch, by label and source."""

from collections import Counter
from collections.abc import Mapping

from rich.console import Console

from components.evaluation.comparison import ComparisonRow, by_source, compare
from components.evaluation.results import Evaluation, SliceFigure
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.interval_column import interval_column

_TITLE = "Expected / observed outcomes on the test days (1: the predictions add up)"


def show_calibration(console: Console, evaluations: Mapping[str, Evaluation]) -> None:
    """Prints a row for each label and source, and a column for each branch; nothing for runs of earlier versions.

    Args:
        console: the screen.
        evaluations: of one run, by branch; as in the AP tables, the first one stands last.
    """
    columns = calibration_columns(evaluations)
    if columns:
        show_columns(console, columns, title=_TITLE)


def calibration_columns(evaluations: Mapping[str, Evaluation]) -> list[TableColumn]:
    """The columns of the table, at least one evaluation given; empty if none has sums of predictions."""
    (first, *others) = evaluations
    by_branch = {name: _figures(evaluations[name]) for name in (*others, first)}
    if all(figure.expected is None for figures in by_branch.values() for figure in figures.values()):
        return []
    rows = list(dict.fromkeys(row for figures in by_branch.values() for row in figures))
    branches = [
        interval_column(name, map(figures.get, rows), _cell, rank)
        for rank, (name, figures) in enumerate(by_branch.items(), start=1)
    ]
    return [
        TableColumn("label", [label for label, _ in rows]),
        TableColumn("source", [at for _, at in rows]),
        *branches,
    ]


def ratio_text(figure: SliceFigure | None, *, interval: bool) -> str:
    """Expected / observed outcomes, with its interval if wanted; `none` without outcomes."""
    if figure is None or figure.calibration is None:
        return "none"
    low, high = figure.calibration_low, figure.calibration_high
    bounds = f" [{low:.2f}, {high:.2f}]" if interval and low is not None and high is not None else ""
    return f"{figure.calibration:.2f}{bounds}"


def _cell(figure: SliceFigure | None, *, interval: bool) -> str:
    star = "" if figure is None or figure.judged else " *"
    return ratio_text(figure, interval=interval) + star


def _figures(evaluation: Evaluation) -> dict[tuple[str, str], SliceFigure]:
    """The figures by source, by label and source; a label names its head where two heads predict it there."""
    rows = by_source(compare(evaluation), evaluation.sources)
    heads = Counter((row.label, row.source) for row in rows)

    def label(row: ComparisonRow) -> str:
        return row.label if heads[row.label, row.source] == 1 else f"{row.label} ({row.head})"

    return {(label(row), row.source or "all"): row.figure for row in rows}
