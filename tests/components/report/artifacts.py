"""Artifacts of a run with two branches, in folders, as its nodes write them."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.evaluation.blessing import Blessing
from components.evaluation.results import Evaluation
from components.evaluation.scores import FILES, Scores, with_about
from components.ingestion.outputs.accounting import write_accounting
from components.report import build
from components.report.inputs import BranchInputs, RunInputs
from files.storage import write_json
from models.report_file import TRAINING_REPORT
from tests.components.report.example import HEADS, SOURCES, example_report, example_scores

SCORES = {"promotions_only": example_scores(1, 0.3), "joint": example_scores(2, 0.9)}


def write_scores(scores: Scores, folder: Path, files: int = 2) -> str:
    """Writes the rows into several files, as an Evaluator does, and returns the folder's address."""
    folder.mkdir(parents=True)
    table = scores.rows.to_arrow()
    table = table.cast(with_about(table.schema, scores.about))
    size = -(-table.num_rows // files)
    for number in range(files):
        pq.write_table(table.slice(number * size, size), folder / f"{FILES}-{number:05}.parquet")
    return str(folder)


def write_training(folder: Path) -> str:
    """Writes a training report with two epochs, the first of them kept."""
    readings: list[dict[str, Any]] = [
        {"head": "stream", "label": "stream", "source": "ad", "ap": None, "loss": 0.2},
        {"head": "stream", "label": "stream", "source": "promotion", "ap": 0.3},  # of a version without losses
    ]
    epochs = [{"number": number, "losses": {"stream": 0.5 / number}, "readings": readings} for number in (1, 2)]
    write_json(f"{folder}/{TRAINING_REPORT}", {"chosen_epoch": 1, "started_from": None, "epochs": epochs})
    return str(folder)


def write_anomalies(folder: Path, splits: str) -> str:
    """Writes what a validator measured: two features, of which one is beyond its limit."""
    message = anomalies_pb2.Anomalies()
    kinds = anomalies_pb2.DriftSkewInfo.Measurement
    for name, kind, value, limit in (
        ("user_hours", kinds.JENSEN_SHANNON_DIVERGENCE, 0.02, 0.25),
        ("device", kinds.L_INFTY, 0.3, 0.1),
        ("empty", kinds.JENSEN_SHANNON_DIVERGENCE, float("nan"), 0.25),
    ):
        info = message.drift_skew_info.add()
        info.path.step.append(name)
        info.drift_measurements.add(type=kind, value=value, threshold=limit)
    message.anomaly_info["device"].reason.add(description="The L-infinity distance is 0.3, above 0.1.")
    (folder / splits).mkdir(parents=True)
    (folder / splits / "SchemaDiff.pb").write_bytes(message.SerializeToString())
    return str(folder)


def artifacts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunInputs:
    """The artifacts of both branches; their evaluations and blessings are made up, as TFMA's files are slow to make."""
    figures = {branch.name: branch.figures for branch in example_report().branches}
    monkeypatch.setattr(build, "load", lambda uri: Evaluation(HEADS, SOURCES, figures[Path(uri).parent.name]))
    monkeypatch.setattr(build, "blessing", lambda _, uri: Blessing("joint" in uri, (), ()))
    accounting = example_report().accounting
    assert accounting is not None
    write_accounting(accounting, str(folder / "accounting"))
    return RunInputs(
        branches=tuple(
            BranchInputs(
                name=name,
                evaluation=f"{folder}/{name}/evaluation",
                scores=write_scores(scores, folder / name / "scores"),
                blessing=f"{folder}/{name}/blessing",
                model_run=write_training(folder / name / "model_run"),
                recipe=name,
                seed=7,
            )
            for name, scores in SCORES.items()
        ),
        accounting=str(folder / "accounting"),
        anomalies=(("test beside training days", write_anomalies(folder / "anomalies", "SplitPair-test_train")),),
        windows=example_report().windows,
    )
