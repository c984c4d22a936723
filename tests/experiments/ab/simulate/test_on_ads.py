"""A model is calibrated on the ads of the test days, and needs a run that kept its scores."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from components.evaluation.scores import with_about
from components.ingestion.outputs.accounting import Accounting, DayCount, TableCount, write_accounting
from experiments.ab.errors import ExperimentError
from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate.models import _ends_before_test, _newest, _serves
from experiments.ab.simulate.on_ads import calibration_on_ads
from experiments.ab.simulate.scorer import calibrated
from pipeline.configuration.file import load_config
from pipeline.metadata.records import Node, Output, Run
from tests.components.evaluation.paired.simulated import scores_of


def _run(scores: Path | None) -> Run:
    trainer = Node(
        "Trainer.joint", "complete", 1.0, {key: (Output(key, {}),) for key in ("model", "model_run")}
    )  # fmt: skip
    kept = {"scores": (Output(str(scores), {}),)} if scores else {}
    evaluator = Node("Evaluator.joint", "complete", 1.0, kept)
    return Run("run-1", datetime(2026, 1, 1, tzinfo=timezone.utc), (trainer, evaluator), ended=True)


def test_the_predictions_for_ads_add_up_to_the_streams_of_ads(tmp_path: Path) -> None:
    """Of 4,000 rows, half are ads with half the streams that the model predicts; promotions do not count."""
    rng = np.random.default_rng(0)
    rates, ads = rng.uniform(0.02, 0.4, 4000), np.arange(4000) % 2 == 0
    streams = rng.random(4000) < np.where(ads, rates / 2, 0.9)
    frame = {
        "impression_id": [f"{row:04}" for row in range(4000)],
        "source": np.where(ads, "ad", "promotion").tolist(),
        "label.stream": streams.astype(int).tolist(),
        "candidate.stream": rates.tolist(),
    }
    kept = scores_of(frame, {"stream": ("stream", ("promotion", "ad"))})
    table = kept.rows.to_arrow()
    pq.write_table(table.cast(with_about(table.schema, kept.about)), tmp_path / "scores-0.parquet")
    fitted = calibrated(rates, calibration_on_ads(_run(tmp_path), "joint", "stream", "stream"))
    assert fitted[ads].sum() == pytest.approx(streams[ads].sum(), rel=1e-3)
    assert np.all(np.argsort(fitted) == np.argsort(rates)), "no ranking changes"


def test_a_run_that_stopped_before_it_judged_cannot_calibrate(tmp_path: Path) -> None:
    plain, fitted = policies_of(["joint", "joint@calibrated"])
    assert _serves(_run(None), plain) and not _serves(_run(None), fitted)
    assert _serves(_run(tmp_path), fitted)
    with pytest.raises(ExperimentError, match="kept no scores of joint; run the pipeline again"):
        calibration_on_ads(_run(None), "joint", "stream", "stream")


def _with_days(run: Run, days: list[str], folder: Path) -> Run:
    counts = {day: DayCount(1, 0, 0, 0, {"ad": 1}) for day in days}
    tables = {table: TableCount(1, {}, 0) for table in ("impressions", "interactions")}
    write_accounting(Accounting(tables, {}, counts, end=0), str(folder))
    ingestion = Node("Ingestion", "complete", 1.0, {"accounting": (Output(str(folder), {}),)})
    return replace(run, nodes=(ingestion, *run.nodes))


def test_a_run_that_saw_days_of_the_test_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of a longer simulation would have learned from the test, and been calibrated on it."""
    of_world = ["simulation.days=3", "simulation.warmup_days=4", "simulation.start_date=2026-01-05"]
    config = load_config("tiny", [f"root={tmp_path}", *of_world])  # the test begins on 2026-01-08
    before = _with_days(_run(None), ["2026-01-06", "2026-01-07"], tmp_path / "before")
    saw = _with_days(_run(None), ["2026-01-07", "2026-01-08"], tmp_path / "saw")
    assert _ends_before_test(before, config) and not _ends_before_test(saw, config)
    own_logs = config.model_copy(update={"simulation": None})
    assert _ends_before_test(saw, own_logs) and _ends_before_test(_run(None), config)
    monkeypatch.setattr("experiments.ab.simulate.models.list_runs", lambda _: [before, saw])
    assert _newest(config, policies_of(["joint", "joint@raw"])) is before
