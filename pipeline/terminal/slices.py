"""The slice report: AP and calibration of every head on every slice of a run, on the screen or as a CSV file."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from components.evaluation.comparison import ComparisonRow, compare, without_repeats
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import PAIRED_SLICES
from components.evaluation.results import SliceFigure, load
from components.evaluation.scores import read_scores
from components.evaluation.slices import COLUMNS, SLICES
from components.report.data import LAST_BLESSED
from components.report.page.words import slice_words
from files.tables import write_table
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.report.results import kept_changes
from pipeline.runs import judged_branches
from pipeline.terminal.ap_table import change_text, changes_text, differences
from pipeline.terminal.calibration_table import ratio_text
from pipeline.terminal.comparison import comparison_columns
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.interval_column import interval_column
from pipeline.terminal.screen import say_sentence

_CHANGES: dict[str, Callable[[ComparisonRow], PairedRow | None]] = {
    "since last blessed": lambda row: row.last,
    "change": lambda row: row.paired,
}
_PARTS = {"relative": "relative", "low": "relative_low", "high": "relative_high", "p": "p", "q": "q"}
"""The end of a column in the CSV file, and the field of `PairedRow` that it has."""

CHANGES = tuple(f"{beside}_{part}" for beside in ("change", "last") for part in _PARTS)
"""Columns of the CSV file: beside the first branch, and beside the last blessed model."""


def slice_rows(
    config: Config, run: Run, branch: str | None = None, head: str | None = None
) -> tuple[ComparisonRow, ...]:
    """The rows of a branch of `run`: of all its heads, or of `head`.

    Args:
        config: its pushed branch is the default, else the last branch of the run.
        run: a run that has judged the branch.
        branch: a branch's name.
        head: a head's name.

    Raises:
        RunsError: the run has not judged the branch, or the branch has no such head.
    """
    branch = branch or _default_branch(config, run)
    uris = run.outputs(f"Evaluator.{branch}", "evaluation")
    if not uris:
        known = ", ".join(run.branches)
        raise RunsError(
            f"run {run.id} has not judged the branch {branch!r}; name one with --branch: {known}"
            if known
            else f"run {run.id} has not judged a model: it stopped before"
        )
    evaluation = load(uris[0])
    heads = [known.name for known in evaluation.heads]
    if head is not None and head not in heads:
        raise RunsError(f"{branch} has no head {head!r} in run {run.id}; its heads are {', '.join(heads)}")
    paired, last = _differences(config, run, branch)
    rows = compare(evaluation, paired=paired, last=last)
    return tuple(row for row in rows if head in (None, row.head))


def new_rows(config: Config, run: Run, branch: str | None = None) -> tuple[PairedRow, ...]:
    """The AP of a branch beside the first one on shows, campaigns, and creatives that training never saw, by source.

    Empty if the branch is the first one, or if scores were not kept. Arguments are those of `slice_rows`.
    """
    branch = branch or _default_branch(config, run)
    other = _compared_branch(config, run, branch)
    slices = [slice_ for slice_ in PAIRED_SLICES if slice_ not in SLICES and "source" in slice_.columns]
    if kept := kept_changes(config, run, branch, (other,), slices):
        return kept[0]
    uris = [run.outputs(f"Evaluator.{name}", "scores") for name in (branch, other) if name]
    if len(uris) < 2 or not all(uris):
        return ()
    ours, theirs = (read_scores(uri[0]) for uri in uris)
    return differences(ours, theirs, slices)


def show_new(console: Console, rows: Sequence[PairedRow]) -> None:
    """A table of `new_rows`, each slice of a source in one line."""
    if rows:
        show_columns(console, comparison_columns(rows), title="AP on what is new, beside the first branch (reference)")
        say_sentence(console, changes_text(rows), others="  ")


def _default_branch(config: Config, run: Run) -> str:
    """The pushed branch, else the last one of the run."""
    pushed = config.pushed_branch
    return pushed.name if pushed else (run.branches or ("",))[-1]


def _compared_branch(config: Config, run: Run, branch: str) -> str | None:
    """The branch that `branch` is compared with: the first one of the config, as in the summary; None for itself."""
    first = next(iter(judged_branches(config, run)), branch)
    return None if first == branch else first


def _differences(config: Config, run: Run, branch: str) -> tuple[tuple[PairedRow, ...], tuple[PairedRow, ...]]:
    """The differences in AP from the first branch of the run, and from the last blessed model."""
    other = _compared_branch(config, run, branch)
    if kept := kept_changes(config, run, branch, (other, LAST_BLESSED), SLICES):
        return kept[0], kept[1]
    uris = run.outputs(f"Evaluator.{branch}", "scores")
    if not uris:
        return (), ()
    own = read_scores(uris[0])
    others = run.outputs(f"Evaluator.{other}", "scores") if other else ()
    beside = read_scores(others[0]) if others else None
    return differences(own, beside, SLICES), differences(own, own.last_blessed, SLICES)


def show_slices(console: Console, rows: Sequence[ComparisonRow]) -> None:
    """A table for each head; a star marks a slice with too few positives to judge."""
    changes = [change for row in without_repeats(tuple(rows)) for change in (row.paired, row.last) if change]
    for head in dict.fromkeys(row.head for row in rows):
        own = without_repeats(tuple(row for row in rows if row.head == head))
        title = f"{head}: AP, expected / observed outcomes (95 % intervals; * too few positives to judge)"
        show_columns(console, slice_columns(own), title=title)
    if changes:
        say_sentence(console, changes_text(changes), others="  ")


def slice_columns(rows: Sequence[ComparisonRow]) -> list[TableColumn]:
    """The columns of the report on the screen; add a column here. The CSV file has every field of `SliceFigure`."""
    figures = [row.figure for row in rows]
    columns = [
        TableColumn("slice", [slice_words(row.keys) + ("" if row.figure.judged else " *") for row in rows]),
        TableColumn("AP", [_number(figure.ap) for figure in figures], right=True),
        TableColumn("low", [_number(figure.low) for figure in figures], right=True, rank=1),
        TableColumn("high", [_number(figure.high) for figure in figures], right=True, rank=1),
        interval_column("expected / observed", figures, ratio_text, rank=3),
        TableColumn("base rate", [_number(figure.base_rate) for figure in figures], right=True, rank=4),
        TableColumn("positives", [f"{figure.positives:,}" for figure in figures], right=True, rank=2),
        TableColumn("examples", [f"{figure.examples:,}" for figure in figures], right=True, rank=5),
    ]
    for heading, changes in _CHANGES.items():
        if any(changes(row) for row in rows):
            columns.insert(2, interval_column(heading, map(changes, rows), change_text, rank=1))
    return columns


def write_slices(path: Path, rows: Sequence[ComparisonRow]) -> None:
    """A line for each head and slice: the fields of `SliceFigure`, the columns that are sliced by, and changes of AP.

    A missing value is empty.
    """
    names = [*(field.name for field in fields(SliceFigure) if field.name != "keys"), "slice"]
    lines: list[list[object]] = []
    for row in rows:
        keys = [row.keys.get(column) for column in COLUMNS]
        changes = [getattr(change, field, None) for change in (row.paired, row.last) for field in _PARTS.values()]
        lines.append([*(getattr(row.figure, name) for name in names), *keys, *changes])
    write_table(path, [*names, *COLUMNS, *CHANGES], lines)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
