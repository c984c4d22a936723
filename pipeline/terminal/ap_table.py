"""The AP table of a run: a row for each label and source, one model beside another."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console

from components.evaluation.comparison import ComparisonRow, by_source, compare
from components.evaluation.paired.compare import compare as compare_scores
from components.evaluation.paired.correction import tally
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.results import Evaluation, SliceFigure
from components.evaluation.scores import Scores
from components.evaluation.slices import Slice
from components.report.data import LAST_BLESSED, Change
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.interval_column import interval_column
from pipeline.terminal.screen import say, say_sentence
from transforms.domain import STREAM

_TITLE = "Average precision on the test days"
_MARKS = "[low, high] 95 % interval; * too few positives to judge"
_CHANGES = (
    "! change whose 95 % interval, of the same rows and by user, excludes 0: {excluding} of {judged}; {by_chance}"
)


def show_ap_tables(console: Console, evaluations: Mapping[str, Evaluation], changes: Sequence[Change] = ()) -> None:
    """Prints a table for each branch beside the first one, and names the stream heads if none can be judged.

    Args:
        console: the screen.
        evaluations: of one run, by branch; the first is the one that the others are compared with.
        changes: of each branch from the first one and from the last blessed model; without them, changes have no
            interval.
    """
    (first, reference), *others = evaluations.items()
    rows_of = {(change.model, change.other): change.rows for change in changes}
    compared: list[ComparisonRow] = []
    for name, evaluation in others or [(first, reference)]:
        paired, last = rows_of.get((name, first), ()), rows_of.get((name, LAST_BLESSED), ())
        beside = None if name == first else reference
        rows = by_source(compare(evaluation, beside, paired, last), evaluation.sources)
        compared += rows
        show_columns(console, report_columns(rows, name, None if name == first else first), title=_TITLE)
    say(console, _MARKS)
    if paired_rows := [change for row in compared for change in (row.paired, row.last) if change is not None]:
        say_sentence(console, changes_text(paired_rows), others="  ")
    for branch, evaluation in evaluations.items():
        if line := _unjudged_streams(by_source(compare(evaluation), evaluation.sources)):
            say_sentence(console, f"{branch}: {line}", others="  ")


def differences(
    ours: Scores | None, theirs: Scores | None, slices: Sequence[Slice] = BY_SOURCE
) -> tuple[PairedRow, ...]:
    """The differences in AP of two models on the same rows; none if the scores of one were not kept."""
    return compare_scores([ours], [theirs], slices, (AP,)) if ours and theirs else ()


def changes_text(changes: Sequence[PairedRow]) -> str:
    """How many changes are marked, and how many would be by chance alone."""
    counted = tally(changes)
    by_chance = f"by chance alone about {counted.by_chance:.1f}"
    return _CHANGES.format(excluding=counted.excluding, judged=counted.judged, by_chance=by_chance)


def change_text(change: PairedRow | None, *, interval: bool) -> str:
    """The relative change with its interval, marked if the interval excludes 0; empty where it cannot be judged."""
    if change is None or not change.judged or change.relative is None:
        return ""
    bounds = f" [{change.relative_low:+.1%}, {change.relative_high:+.1%}]" if interval else ""
    return f"{'! ' if change.excludes_zero else ''}{change.relative:+.1%}{bounds}"


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
        TableColumn("base rate", [_share(row.figure.base_rate) for row in rows], right=True, rank=4),
        TableColumn("positives", [f"{row.figure.positives:,}" for row in rows], right=True, rank=5),
        interval_column(name, [row.figure for row in rows], _ap, rank=2),
    ]
    if other is not None:
        columns += [
            interval_column(other, [row.other for row in rows], _ap, rank=3),
            interval_column("change", rows, _change, rank=1),  # the answer: its interval stays longest
        ]
    if any(row.last for row in rows):
        columns.append(interval_column("since last blessed", [row.last for row in rows], change_text, rank=6))
    return columns


def _ap(figure: SliceFigure | None, *, interval: bool) -> str:
    if figure is None or figure.ap is None:
        return "none"
    bounds = f" [{figure.low:.3f}, {figure.high:.3f}]" if interval and figure.low is not None else ""
    return f"{figure.ap:.4f}{bounds}{'' if figure.judged else ' *'}"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _change(row: ComparisonRow, *, interval: bool) -> str:
    """How far the AP is from the other one; without kept scores, a change without an interval."""
    if row.paired is not None:
        return change_text(row.paired, interval=interval)
    change = row.relative_change
    return "" if change is None else f"{change:+.1%}"


def _unjudged_streams(rows: Sequence[ComparisonRow]) -> str | None:
    """A sentence that names the stream heads, if there are too few streams to judge any of them."""
    streams = [row for row in rows if row.label == STREAM]
    if not streams or any(row.figure.judged for row in streams):
        return None
    named = ", ".join(f"{row.head} on source {row.source} ({row.figure.positives:,} positives)" for row in streams)
    return f"no stream head could be judged: {named}; raise split.test_days, or lower evaluator.min_positives"
