"""The slice report: AP of every head on every slice of a run, on the screen or as a CSV file for a spreadsheet."""

import csv
from dataclasses import fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from components.evaluation.results import CANDIDATE, SliceFigure, load
from models.recipes import RECIPES
from pipeline.config import Config
from pipeline.runs import Run, RunsError
from pipeline.show import NARROW, add_row, show_table


def slice_figures(config: Config, run: Run, recipe: str | None = None) -> tuple[SliceFigure, ...]:
    """The figures of `recipe` in `run`, by default of the one that `config` pushes.

    Slices that cannot have rows are left out: those of a source that the recipe does not read the head on.

    Raises:
        RunsError: if the run has not evaluated that recipe.
    """
    recipe = recipe or config.recipe
    uris = run.outputs(f"Evaluator.{recipe}", "evaluation")
    if not uris:
        has = f"name one with --recipe: {', '.join(run.recipes)}" if run.recipes else "it got as far as no evaluation"
        raise RunsError(f"run {run.id} has not evaluated {recipe!r}; {has}")
    figures = (figure for figure in load(uris[0]) if figure.model == CANDIDATE)
    known = (RECIPES | config.recipes).get(recipe)
    if known is None:
        return tuple(figures)
    read = {head: {None, *known.read_on(head)} for head in known.heads}
    # A config may have changed since the run: what has rows or is of another head is shown in any case.
    return tuple(
        figure for figure in figures if figure.examples or figure.head not in read or figure.source in read[figure.head]
    )


def show_slices(console: Console, figures: tuple[SliceFigure, ...]) -> None:
    """A table a head; a slice with too few positives to judge is marked with a star."""
    for head in dict.fromkeys(figure.head for figure in figures):
        table = Table()
        table.add_column("slice", overflow="fold")
        for column in ("AP", "low", "high", "base\nrate", "positives", "examples"):
            table.add_column(column, justify="right", no_wrap=True, overflow="fold")
        for figure in figures:
            if figure.head == head:
                rates = (_number(figure.ap), _number(figure.low), _number(figure.high), _number(figure.base_rate))
                named = figure.slice.replace(", ", "\n") if console.width < NARROW else figure.slice
                mark = "" if figure.judged else " *"
                add_row(table, named + mark, *rates, f"{figure.positives:,}", f"{figure.examples:,}")
        show_table(console, f"{head}: average precision (95 % interval; * too few positives to judge)", table)


def write_slices(path: Path, figures: tuple[SliceFigure, ...]) -> None:
    """One row a head and slice, columns as in `SliceFigure`; what is missing is empty."""
    names = [field.name for field in fields(SliceFigure)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(figure, name) for name in names] for figure in figures)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
