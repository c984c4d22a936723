"""The differences by source come from the node `Report`; without it, they are computed, and are the same."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from components.report.build import results_of
from components.report.kept import write_results
from pipeline.configuration.config import Config
from pipeline.metadata.records import REPORT, Node, Output, Run
from pipeline.report import results
from pipeline.report.results import changes_by_source
from pipeline.terminal import slices
from tests.components.report.artifacts import artifacts


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of promotions_only and joint with their scores and the results that its node kept."""
    inputs = artifacts(tmp_path / "run", monkeypatch)
    write_results(results_of(inputs), str(tmp_path / "report"))
    nodes = [
        Node(
            f"Evaluator.{branch.name}",
            "complete",
            1.0,
            {"evaluation": (Output(branch.evaluation, {}),), "scores": (Output(branch.scores, {}),)},
        )
        for branch in inputs.branches
    ]
    report = Node(REPORT, "complete", 1.0, {"report": (Output(str(tmp_path / "report"), {}),)})
    return Run("a", datetime(2026, 1, 5, tzinfo=timezone.utc), (*nodes, report), ended=True)


def test_kept_results_are_not_compared_again_and_say_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = Config(root=str(tmp_path))
    computed = changes_by_source(config, replace(run, nodes=run.nodes[:2]))
    monkeypatch.setattr(results, "read_scores", lambda uri: pytest.fail(f"{uri} is read again"))
    assert changes_by_source(config, run) == computed
    assert [(change.model, change.other) for change in computed] == [("joint", "promotions_only")]
    assert {tuple(row.keys) for row in computed[0].rows} == {("source",)}


def test_the_slices_of_a_run_are_read_from_its_results(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config, without = Config(root=str(tmp_path)), replace(run, nodes=run.nodes[:2])
    computed = slices._differences(config, without, "joint"), slices.new_rows(config, without, "joint")
    monkeypatch.setattr(slices, "read_scores", lambda uri: pytest.fail(f"{uri} is read again"))
    assert (slices._differences(config, run, "joint"), slices.new_rows(config, run, "joint")) == computed
    (paired, last), _ = computed
    assert len(paired) > 2 and not last, "there is no blessed model"
    assert slices._differences(config, run, "promotions_only") == ((), ()), "it is the first branch"


def test_branches_in_another_order_are_compared_anew(run: Run, tmp_path: Path):
    branches = [{"recipe": "joint", "pushed": True}, {"recipe": "promotions_only"}]
    (change,) = changes_by_source(Config.model_validate({"root": str(tmp_path), "branches": branches}), run)
    assert (change.model, change.other) == ("promotions_only", "joint")
