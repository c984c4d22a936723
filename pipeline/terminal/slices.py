"""The slice report: AP and calibration of every head on every slice of a run, on the screen or as a CSV file."""

import csv
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from components.evaluation.comparison import ComparisonRow, compare, without_repeats
from components.evaluation.results import SliceFigure, load
from components.evaluation.slices import COLUMNS
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.terminal.calibration_table import ratio_text
from pipeline.terminal.fitting import TableColumn, show_columns

_IN_WORDS = {"source": "{}", "stream_tier": "tier {}", "less_streamed": "less-streamed"}


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
    if branch is None:
        pushed = config.pushed_branch
        branch = pushed.name if pushed else (run.branches or ("",))[-1]
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
    return tuple(row for row in compare(evaluation) if head in (None, row.head))


def show_slices(console: Console, rows: Sequence[ComparisonRow]) -> None:
    """A table for each head; a star marks a slice with too few positives to judge."""
    for head in dict.fromkeys(row.head for row in rows):
        own = without_repeats(tuple(row for row in rows if row.head == head))
        title = f"{head}: AP, expected / observed outcomes (95 % intervals; * too few positives to judge)"
        show_columns(console, slice_columns(own), title=title)


def slice_columns(rows: Sequence[ComparisonRow]) -> list[TableColumn]:
    """The columns of the report on the screen; add a column here. The CSV file has every field of `SliceFigure`."""
    figures = [row.figure for row in rows]
    return [
        TableColumn("slice", [_in_words(row) + ("" if row.figure.judged else " *") for row in rows]),
        TableColumn("AP", [_number(figure.ap) for figure in figures], right=True),
        TableColumn("low", [_number(figure.low) for figure in figures], right=True, rank=1),
        TableColumn("high", [_number(figure.high) for figure in figures], right=True, rank=1),
        TableColumn(
            "expected / observed",
            [ratio_text(figure, interval=True) for figure in figures],
            right=True,
            rank=3,
            short=[ratio_text(figure, interval=False) for figure in figures],
        ),
        TableColumn("base rate", [_number(figure.base_rate) for figure in figures], right=True, rank=4),
        TableColumn("positives", [f"{figure.positives:,}" for figure in figures], right=True, rank=2),
        TableColumn("examples", [f"{figure.examples:,}" for figure in figures], right=True, rank=5),
    ]


def write_slices(path: Path, rows: Sequence[ComparisonRow]) -> None:
    """A line for each head and slice: the fields of `SliceFigure`, and each column that is sliced by.

    A missing value is empty.
    """
    names = [*(field.name for field in fields(SliceFigure) if field.name != "keys"), "slice"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*names, *COLUMNS])
        for row in rows:
            keys = [row.keys.get(column) for column in COLUMNS]
            writer.writerow([*(getattr(row.figure, name) for name in names), *keys])


def _in_words(row: ComparisonRow) -> str:
    """The slice in few words, to leave room for its figures."""
    parts = [
        _IN_WORDS.get(column, f"{column} {{}}").format("missing" if value == "" else value)
        for column, value in row.keys.items()
    ]
    return ", ".join(parts) or "overall"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
