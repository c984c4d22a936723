"""The slice report: AP of every head on every slice of a run, on the screen or as a CSV file for a spreadsheet."""

import csv
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from components.evaluation.results import CANDIDATE, SliceFigure, load
from components.evaluation.slices import COLUMNS
from models.recipes import RECIPES
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.terminal.tables import add_row, compact_table, show_table

_IN_WORDS = {"source": "{}", "stream_tier": "tier {}", "less_streamed": "less-streamed"}


def slice_figures(
    config: Config, run: Run, recipe: str | None = None, head: str | None = None
) -> tuple[SliceFigure, ...]:
    """The figures of `recipe` in `run`, by default of the one that `config` pushes; of all its heads, or of `head`.

    Slices that cannot have rows are left out: those of a source that the recipe does not read the head on.

    Raises:
        RunsError: if the run has not evaluated that recipe, or the recipe has no such head.
    """
    recipe = recipe or config.recipe
    uris = run.outputs(f"Evaluator.{recipe}", "evaluation")
    if not uris:
        has = f"name one with --recipe: {', '.join(run.branches)}" if run.branches else "it got as far as no evaluation"
        raise RunsError(f"run {run.id} has not evaluated {recipe!r}; {has}")
    figures = [figure for figure in load(uris[0]) if figure.model == CANDIDATE]
    heads = dict.fromkeys(figure.head for figure in figures)
    if head is not None and head not in heads:
        raise RunsError(f"{recipe} has no head {head!r} in run {run.id}; its heads are {', '.join(heads)}")
    figures = [figure for figure in figures if head in (None, figure.head)]
    known = (RECIPES | config.recipes).get(recipe)
    if known is None:
        return tuple(figures)
    read = {head: {None, *known.read_on(head)} for head in known.heads}
    # A config may have changed since the run: what has rows or is of another head is shown in any case.
    return tuple(
        figure
        for figure in figures
        if figure.examples or figure.head not in read or figure.keys.get("source") in read[figure.head]
    )


def show_slices(console: Console, figures: tuple[SliceFigure, ...]) -> None:
    """A table a head; a slice with too few positives to judge is marked with a star.

    Of a head that is read on one source, the slices of that source are those of both: they are shown once.
    """
    for head in dict.fromkeys(figure.head for figure in figures):
        own = [figure for figure in figures if figure.head == head]
        table = compact_table()
        table.add_column("slice", no_wrap=True, overflow="fold")
        for column in ("AP", "low", "high", "base\nrate", "positives", "examples"):
            table.add_column(column, justify="right", no_wrap=True, overflow="fold")
        for figure in own:
            if not _repeats(figure, own):
                rates = (_number(figure.ap), _number(figure.low), _number(figure.high), _number(figure.base_rate))
                mark = "" if figure.judged else " *"
                add_row(table, _named(figure) + mark, *rates, f"{figure.positives:,}", f"{figure.examples:,}")
        show_table(console, f"{head}: average precision (95 % interval; * too few positives to judge)", table)


def write_slices(path: Path, figures: tuple[SliceFigure, ...]) -> None:
    """One row a head and slice, columns as in `SliceFigure`, its keys a column each; what is missing is empty."""
    names = [*(field.name for field in fields(SliceFigure) if field.name != "keys"), "slice"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*names, *COLUMNS])
        for figure in figures:
            keys = [figure.keys.get(column) for column in COLUMNS]
            writer.writerow([*(getattr(figure, name) for name in names), *keys])


def _repeats(figure: SliceFigure, own: list[SliceFigure]) -> bool:
    """Whether a slice of a head's only source is that of all sources, which is there too."""
    every = {column: value for column, value in figure.keys.items() if column != "source"}
    only = len({one.keys["source"] for one in own if "source" in one.keys}) == 1
    return only and "source" in figure.keys and any(one.keys == every for one in own)


def _named(figure: SliceFigure) -> str:
    """The slice in words that leave room for its figures."""
    parts = [
        _IN_WORDS.get(column, f"{column} {{}}").format("missing" if value == "" else value)
        for column, value in figure.keys.items()
    ]
    return ", ".join(parts) or "overall"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
