"""The slice report: AP of every head on every slice of a run, on the screen or as a CSV file for a spreadsheet."""

import csv
from dataclasses import fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from components.evaluation.results import CANDIDATE, SliceFigure, load
from pipeline.config import Config
from pipeline.runs import Run, RunsError


def slice_figures(config: Config, run: Run, recipe: str | None = None) -> tuple[SliceFigure, ...]:
    """The figures of `recipe` in `run`, by default of the one that `config` pushes.

    Raises:
        RunsError: if the run has not evaluated that recipe.
    """
    recipe = recipe or config.recipe
    uris = run.outputs(f"Evaluator.{recipe}", "evaluation")
    if not uris:
        has = f"name one with --recipe: {', '.join(run.recipes)}" if run.recipes else "it got as far as no evaluation"
        raise RunsError(f"run {run.id} has not evaluated {recipe!r}; {has}")
    return tuple(figure for figure in load(uris[0]) if figure.model == CANDIDATE)


def show_slices(console: Console, figures: tuple[SliceFigure, ...]) -> None:
    """A table a head; a slice with too few positives to judge is marked with a star."""
    for head in dict.fromkeys(figure.head for figure in figures):
        table = Table(title=f"{head}: average precision (95 % interval; * too few positives to judge)")
        table.add_column("slice")
        for column in ("AP", "low", "high", "base rate", "positives", "examples"):
            table.add_column(column, justify="right")
        for figure in figures:
            if figure.head == head:
                rates = (_number(figure.ap), _number(figure.low), _number(figure.high), _number(figure.base_rate))
                mark = "" if figure.judged else " *"
                table.add_row(figure.slice + mark, *rates, f"{figure.positives:,}", f"{figure.examples:,}")
        console.print(table)


def write_slices(path: Path, figures: tuple[SliceFigure, ...]) -> None:
    """One row a head and slice, columns as in `SliceFigure`; what is missing is empty."""
    names = [field.name for field in fields(SliceFigure)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(figure, name) for name in names] for figure in figures)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
