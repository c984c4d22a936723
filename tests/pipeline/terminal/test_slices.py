"""The slice report: what it says of slices without rows, and of recipes that a run has not judged."""

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from rich.console import Console

from components.evaluation.results import SliceFigure
from models.recipes import Recipe
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Node, Output, Run
from pipeline.terminal import slices
from pipeline.terminal.slices import show_slices, slice_figures, write_slices

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
    keys={"source": "ad", "stream_tier": 5},
)


def _run(*stages: Node) -> Run:
    return Run("run-1", datetime(2026, 1, 1, tzinfo=timezone.utc), stages, ended=True)


def test_a_slice_without_rows_is_marked_on_the_screen_and_empty_in_the_spreadsheet(tmp_path: Path):
    console = Console(width=120, record=True)
    show_slices(console, (_EMPTY,))
    (line,) = [line for line in console.export_text().splitlines() if "tier 5" in line]
    assert re.split(r" {2,}", line.strip()) == ["ad, tier 5 *", "none", "none", "none", "none", "0", "0"]
    write_slices(tmp_path / "s.csv", (_EMPTY,))
    (row,) = csv.DictReader((tmp_path / "s.csv").open())
    assert (row["slice"], row["ap"], row["base_rate"], row["examples"]) == ("source=ad, stream_tier=5", "", "", "0")
    assert row["judged"] == "False"
    assert (row["source"], row["stream_tier"], row["less_streamed"]) == ("ad", "5", "")


def test_a_recipe_that_the_run_has_not_judged_is_told_with_those_that_it_has():
    judged = Node("Evaluator.ads_stream_only", "complete", 1.0, {"evaluation": (Output("/nowhere", {}),)})
    with pytest.raises(RunsError, match=r"run-1 has not evaluated 'joint'; name one with --recipe: ads_stream_only$"):
        slice_figures(Config(), _run(judged, Node("Evaluator.joint", "failed", 1.0)))
    with pytest.raises(RunsError, match="it got as far as no evaluation"):
        slice_figures(Config(), _run())


@pytest.mark.parametrize(
    ("recipe", "head", "shown"),
    [
        ("joint", "promotion_stream", ["promotion", None]),
        ("joint", "ad_stream", ["ad", None]),
        ("joint", "click", ["ad", "promotion", None]),
        ("promotions_only", "promotion_stream", ["ad", "promotion", None]),  # its only head for streams is read on both
        ("mine", "ad_stream", ["ad", None]),
        ("unknown", "promotion_stream", ["ad", "promotion", None]),
        ("ads_stream_only", "promotion_stream", ["ad", "promotion", None]),  # the recipe was another in that run
    ],
)
def test_slices_of_sources_that_a_head_is_not_read_on_are_left_out(
    monkeypatch: pytest.MonkeyPatch, recipe: str, head: str, shown: list[str | None]
):
    figures = tuple(replace(_EMPTY, head=head, keys={"source": source}) for source in ("ad", "promotion", None))
    monkeypatch.setattr(slices, "load", lambda uri: figures)
    run = _run(Node(f"Evaluator.{recipe}", "complete", 1.0, {"evaluation": (Output("there", {}),)}))
    mine = Recipe(sources=("promotion", "ad"), heads=("promotion_stream", "ad_stream"))
    config = Config(recipes={"mine": mine})
    assert [figure.keys["source"] for figure in slice_figures(config, run, recipe)] == shown


def test_a_slice_that_has_rows_is_shown_whatever_the_recipe_says(monkeypatch: pytest.MonkeyPatch):
    figure = replace(_EMPTY, head="promotion_stream", examples=3)
    monkeypatch.setattr(slices, "load", lambda uri: (figure,))
    run = _run(Node("Evaluator.joint", "complete", 1.0, {"evaluation": (Output("there", {}),)}))
    assert slice_figures(Config(), run) == (figure,)


def test_slices_are_named_whole_on_a_narrow_terminal():
    both = replace(_EMPTY, ap=0.1, low=0.05, high=0.2, base_rate=0.01, examples=1_234_567)
    both = replace(both, keys={"source": "promotion", "stream_tier": 5})
    less = replace(both, keys={"less_streamed": 1}, judged=True)
    screen = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    show_slices(screen, (replace(less, keys={}), less, both))
    title, *table = screen.file.getvalue().splitlines()
    assert title == "ad_stream: average precision (95 % interval; * too few positives to judge)"
    assert all(len(line) <= 80 and "…" not in line for line in table)
    rows = [re.split(r" {2,}", line.strip()) for line in table[-3:]]
    figures = ["0.1000", "0.0500", "0.2000", "0.0100", "0", "1,234,567"]
    assert rows == [["overall", *figures], ["less-streamed", *figures], ["promotion, tier 5 *", *figures]]


def test_slices_of_the_only_source_of_a_head_are_shown_once_and_kept_in_the_spreadsheet(tmp_path: Path):
    def figures(head: str, *sources: str) -> list[SliceFigure]:
        tiers = [{}, {"stream_tier": 0}]
        cut = [{"source": source} | tier for source in sources for tier in tiers]
        return [replace(_EMPTY, head=head, keys=keys, examples=7) for keys in (*tiers, *cut)]

    both = (*figures("ad_stream", "ad"), *figures("click", "ad", "promotion"))
    screen = Console(file=io.StringIO(), width=100)
    show_slices(screen, both)
    named = [re.split(r" {2,}", line.strip())[0] for line in screen.file.getvalue().splitlines() if " none " in line]
    of_click = ["overall *", "tier 0 *", "ad *", "ad, tier 0 *", "promotion *", "promotion, tier 0 *"]
    assert named == ["overall *", "tier 0 *", *of_click]  # though some have as many rows as others
    write_slices(tmp_path / "s.csv", both)
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 1 + len(both)


def test_a_value_that_rows_lack_is_named():
    screen = Console(file=io.StringIO(), width=100)
    show_slices(screen, (replace(_EMPTY, keys={"device": ""}), replace(_EMPTY, keys={"device": "tv"})))
    assert "device missing *" in screen.file.getvalue()
    assert "device tv *" in screen.file.getvalue()


def test_one_head_can_be_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(slices, "load", lambda uri: (_EMPTY, replace(_EMPTY, head="click")))
    run = _run(Node("Evaluator.joint", "complete", 1.0, {"evaluation": (Output("there", {}),)}))
    assert [figure.head for figure in slice_figures(Config(), run)] == ["ad_stream", "click"]
    assert [figure.head for figure in slice_figures(Config(), run, head="click")] == ["click"]
    with pytest.raises(RunsError, match=r"joint has no head 'clicks' in run run-1; its heads are ad_stream, click"):
        slice_figures(Config(), run, head="clicks")
