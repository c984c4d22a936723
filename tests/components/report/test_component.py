"""The node `Report`: its executor on artifacts in folders. tests/pipeline/test_run.py has it in a whole run."""

from pathlib import Path

import pytest
from tfx import types
from tfx.types import standard_artifacts

from components.evaluation.artifacts import ScoresArtifact
from components.ingestion.outputs.artifacts import AccountingArtifact
from components.report.artifacts import ReportArtifact
from components.report.component import Executor, Report
from components.report.inputs import CHECKS
from components.report.kept import read_results
from components.split.config import SplitConfig
from tests.components.report.artifacts import artifacts


def artifact(kind: type[types.Artifact], uri: object) -> list[types.Artifact]:
    made = kind()
    made.uri = str(uri)
    return [made]


def test_the_node_writes_the_page_its_tables_and_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("components.report.component.windows", lambda *_: ())  # two days are too few to split
    inputs = artifacts(tmp_path / "run", monkeypatch)
    kinds = {
        "evaluation": standard_artifacts.ModelEvaluation,
        "scores": ScoresArtifact,
        "blessing": standard_artifacts.ModelBlessing,
        "model_run": standard_artifacts.ModelRun,
    }
    given = {
        f"{key}_{place}": artifact(kind, getattr(branch, key))
        for place, branch in enumerate(inputs.branches)
        for key, kind in kinds.items()
    }
    given |= {key: artifact(standard_artifacts.ExampleAnomalies, inputs.anomalies[0][1]) for key in CHECKS}
    given["accounting"] = artifact(AccountingArtifact, inputs.accounting)
    node = Report(
        pipeline="example",
        branches=[{"name": branch.name, "recipe": branch.recipe, "seed": 7} for branch in inputs.branches],
        of_branches=[{key: types.Channel(type=kind) for key, kind in kinds.items()} for _ in inputs.branches],
        accounting=types.Channel(type=AccountingArtifact),
        checks={key: types.Channel(type=standard_artifacts.ExampleAnomalies) for key in CHECKS},
        split=SplitConfig(),
        sources=("promotion", "ad"),
    )
    assert set(node.inputs) == set(given)
    folder = tmp_path / "report"
    Executor().Do(given, {"report": artifact(ReportArtifact, folder)}, node.exec_properties)
    results = read_results(str(folder))
    assert results is not None
    assert [(branch.name, branch.recipe, branch.seed) for branch in results.branches] == [
        ("promotions_only", "promotions_only", 7),
        ("joint", "joint", 7),
    ]
    assert results.checks == tuple(CHECKS.values())
    page = (folder / "report.html").read_text()
    assert "joint beside promotions_only" in page
    assert "is published" not in page and "is not published" not in page, "the node does not know it"
    assert "This page was written before the run ended." in page
    assert {"figures.csv", "changes.csv", "precision.csv", "scores.csv", "drift.csv"} <= {
        path.name for path in folder.iterdir()
    }
    (heading, *lines) = (folder / "reliability.csv").read_text().splitlines()
    assert heading.endswith(",too few positives") and {line.rpartition(",")[2] for line in lines} <= {"yes", "no"}


def test_an_error_costs_the_page_and_not_the_run(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    Executor().Do({"accounting": []}, {"report": artifact(ReportArtifact, tmp_path / "report")}, {})
    assert "The node Report wrote no page" in caplog.text
    assert read_results(str(tmp_path / "report")) is None
