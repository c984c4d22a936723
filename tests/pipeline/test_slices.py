"""The slice report: what it says of slices without rows, and of recipes that a run has not judged."""

import csv
from datetime import datetime, timezone
from pathlib import Path

import pytest
from rich.console import Console

from components.evaluation.results import SliceFigure
from pipeline.config import Config
from pipeline.runs import Output, Run, RunsError, Stage
from pipeline.slices import show_slices, slice_figures, write_slices

_EMPTY = SliceFigure(
    ap=None,
    low=None,
    high=None,
    positives=0,
    examples=0,
    base_rate=None,
    judged=False,
    exact=True,
    broken=0,
    model="candidate",
    head="ad_stream",
    label="stream",
    slice="source=ad, stream_tier=5",
    source="ad",
    stream_tier=5,
    less_streamed=None,
)


def _run(*stages: Stage) -> Run:
    return Run("run-1", datetime(2026, 1, 1, tzinfo=timezone.utc), stages)


def test_a_slice_without_rows_is_marked_on_the_screen_and_empty_in_the_spreadsheet(tmp_path: Path):
    console = Console(width=120, record=True)
    show_slices(console, (_EMPTY,))
    (line,) = [line for line in console.export_text().splitlines() if "stream_tier=5" in line]
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells == ["source=ad, stream_tier=5 *", "none", "none", "none", "none", "0", "0"]
    write_slices(tmp_path / "s.csv", (_EMPTY,))
    (row,) = csv.DictReader((tmp_path / "s.csv").open())
    assert (row["slice"], row["ap"], row["base_rate"], row["examples"]) == ("source=ad, stream_tier=5", "", "", "0")
    assert row["judged"] == "False"


def test_a_recipe_that_the_run_has_not_judged_is_told_with_those_that_it_has():
    judged = Stage("Evaluator.ads_stream_only", "complete", 1.0, {"evaluation": (Output("/nowhere", {}),)})
    with pytest.raises(RunsError, match=r"run-1 has not evaluated 'joint'; name one with --recipe: ads_stream_only$"):
        slice_figures(Config(), _run(judged, Stage("Evaluator.joint", "failed", 1.0)))
    with pytest.raises(RunsError, match="it got as far as no evaluation"):
        slice_figures(Config(), _run())
