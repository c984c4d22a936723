"""What a report says of the artifacts of a run, and of runs that lack some."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from components.evaluation.paired.compare import compare
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.scores import Scores
from components.report import build
from components.report.build import report_of, results_of
from components.report.changes import by_source, changes_of
from components.report.data import LAST_BLESSED, EpochReading
from components.report.inputs import OtherModel, RunContext, RunInputs
from components.report.kept import read_results, write_results
from tests.components.report.artifacts import SCORES, artifacts, write_scores


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunInputs:
    return artifacts(tmp_path / "run", monkeypatch)


def context(**values: object) -> RunContext:
    return RunContext("example", "2026-11-27", **values)


def test_results_have_every_branch_its_training_and_its_difference_from_the_first(inputs: RunInputs):
    results = results_of(inputs)
    assert [(branch.name, branch.blessed) for branch in results.branches] == [
        ("promotions_only", False),
        ("joint", True),
    ]
    (change,) = results.changes
    assert (change.model, change.other) == ("joint", "promotions_only")
    assert change.rows == compare([SCORES["joint"]], [SCORES["promotions_only"]])
    assert results.branches[0].epochs[:3] == (
        EpochReading(1, "stream", "stream", "training", None, 0.5, chosen=True),
        EpochReading(1, "stream", "stream", "ad", None, 0.2, chosen=True),
        EpochReading(1, "stream", "stream", "promotion", 0.3, None, chosen=True),
    )
    assert {curves.source for curves in results.branches[1].curves} == {"promotion", "ad"}
    assert results.drift[0].feature == "device"
    assert results.accounting is not None and results.accounting.tables["impressions"].days


def test_the_scores_of_each_branch_are_read_and_compared_once(inputs: RunInputs, monkeypatch: pytest.MonkeyPatch):
    calls: list[str] = []

    def read(uri: str) -> Scores:
        calls.append(uri)
        return SCORES[Path(uri).parent.name]

    monkeypatch.setattr(build, "read_scores", read)
    results = results_of(inputs)
    report_of(results, context(latest=OtherModel("joint", inputs.branches[1].scores)))
    assert calls == [branch.scores for branch in inputs.branches]


def test_results_are_read_as_they_were_written(inputs: RunInputs, tmp_path: Path):
    results = results_of(inputs)
    write_results(results, str(tmp_path / "report"))
    assert read_results(str(tmp_path / "report")) == results
    file = tmp_path / "report" / "results.json"
    text = file.read_text()
    for other in (text.replace('"format": 2', '"format": 1'), text.replace('"base_rate"', '"rate"')):
        file.write_text(other)
        assert read_results(str(tmp_path / "report")) is None, "of another version"
    assert read_results(str(tmp_path)) is None


def test_a_run_without_kept_scores_has_figures_and_no_curves_or_differences(inputs: RunInputs):
    without = replace(inputs, branches=tuple(replace(branch, scores="") for branch in inputs.branches))
    report = report_of(results_of(without), context(published=""))
    assert (report.changes, report.trend) == ((), ())
    assert all(branch.curves == () and branch.figures for branch in report.branches)
    assert report.verdict == (
        "promotions_only is not blessed: ",
        "joint is blessed.",
        "This run's model is not published.",
    )


def test_one_branch_with_kept_scores_is_compared_with_none(inputs: RunInputs):
    first, second = inputs.branches
    assert results_of(replace(inputs, branches=(replace(first, scores=""), second))).changes == ()


def test_a_broken_earlier_run_is_named_in_the_trend_and_costs_nothing_else(inputs: RunInputs, tmp_path: Path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "scores-00000.parquet").write_bytes(b"half a file")
    other_rows = SCORES["joint"].rows.with_columns(pl.col("impression_id") + "x")
    earlier = {
        "good": inputs.branches[0].scores,
        "removed": str(tmp_path / "removed"),
        "broken": str(broken),
        "other days": write_scores(Scores(SCORES["joint"].about, other_rows), tmp_path / "other"),
    }
    latest = OtherModel("joint", inputs.branches[1].scores)
    models = tuple(OtherModel(name, uri) for name, uri in earlier.items())
    trend = report_of(results_of(inputs), context(latest=latest, earlier=models)).trend
    problems = {item.name: item.problem for item in trend}
    assert problems["good"] == ""
    assert "has no file scores-*.parquet" in problems["removed"]
    assert "cannot be read" in problems["broken"]
    assert "no test row in common" in problems["other days"]
    expected = compare([SCORES["joint"]], [SCORES["promotions_only"]])
    assert {(row.label, row.slice, row.relative) for row in trend[0].rows} == {
        (row.label, row.slice, row.relative) for row in expected if set(row.keys) == {"source"} and row.measure == "ap"
    }


def test_each_branch_is_compared_with_each_model_of_another_run(inputs: RunInputs):
    own = tuple(OtherModel(branch.name, branch.scores) for branch in inputs.branches)
    other = OtherModel("joint of run 2026-11-26", inputs.branches[1].scores)
    report = report_of(results_of(inputs), context(own=own, against=(other,)))
    assert [(change.model, change.other) for change in report.changes[1:]] == [
        ("promotions_only", other.name),
        ("joint", other.name),
    ]
    assert {row.relative for row in report.changes[2].rows if row.ours} == {0.0}, "a model beside itself"


def test_the_last_blessed_model_is_compared_and_rows_by_source_are_corrected_for_each_other_alone():
    joint = SCORES["joint"]
    old = SCORES["promotions_only"].rows.select(
        pl.col("^candidate.*$").name.map(lambda name: name.replace("candidate", "baseline"))
    )
    scores = {"joint": Scores(joint.about, pl.concat([joint.rows, old], how="horizontal"))}
    (whole,) = changes_of(scores)
    assert whole.other == LAST_BLESSED
    (alone,) = changes_of(scores, BY_SOURCE)
    assert by_source(whole) == alone
    assert [row.q for row in alone.rows] != [row.q for row in whole.rows if set(row.keys) == {"source"}]
