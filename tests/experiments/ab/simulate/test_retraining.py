"""Which logs each model is trained on again, and with which splits."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate import retraining
from experiments.ab.simulate.retraining import own, trained_again
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config

_POLICIES = policies_of(["promotions_only", "joint", "joint@epsilon=0.1"])


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Config]]:
    """The models that were asked for, and the config of their run."""
    calls: list[tuple[list[str], Config]] = []

    def made(policies: Any, configs: Any, *_: object) -> tuple[dict[str, str], str]:
        calls.append(([policy.model for policy in policies], configs[0]))
        return {policy.model: configs[0].logs for policy in policies}, f"run {len(calls)}"

    monkeypatch.setattr(retraining, "scorers_of", made)
    return calls


def _logs(folder: Path) -> Path:
    path = folder / "seed-7/logs/impressions/date=2026-01-08/0.parquet"
    path.parent.mkdir(parents=True)
    arms = [policy.name for policy in _POLICIES]
    pq.write_table(pa.table({"impression_id": ["a", "b", "c"], "arm": arms}), path)
    return folder / "seed-7/logs"


def test_models_of_shared_logs_share_a_run(trained: list[tuple[list[str], Config]], tmp_path: Path) -> None:
    logs = _logs(tmp_path)
    _, runs = trained_again(_POLICIES, load_config("tiny"), logs, 7, Console(), tmp_path / "log", "command")
    ((models, config),) = trained
    assert runs == ["run 1"]
    assert models == ["promotions_only", "joint", "joint"]
    assert (config.logs, config.simulation, config.pushed_branch) == (str(logs), None, None)
    assert [branch.name for branch in config.branches_to_run] == ["promotions_only", "joint"]
    assert (config.split.validation_days, config.split.test_days) == (2, 1), "four days are left to train"


def test_a_model_of_its_own_reads_the_impressions_of_its_arm(
    trained: list[tuple[list[str], Config]], tmp_path: Path
) -> None:
    logs = _logs(tmp_path)
    for _ in range(2):  # after a stop, the logs are there already
        trained_again(own(_POLICIES), load_config("tiny"), logs, 7, Console(), tmp_path / "log", "command")
    assert [models for models, _ in trained[:3]] == [[policy.name] for policy in _POLICIES]
    assert [[branch.name for branch in config.branches_to_run] for _, config in trained[:3]] == [
        ["promotions_only"],
        ["joint"],
        ["joint"],
    ]
    assert len({config.root for _, config in trained}) == 3
    shown = [pq.ParquetFile(next(Path(config.logs).rglob("*.parquet"))).read() for _, config in trained[:3]]
    assert [rows["impression_id"].to_pylist() for rows in shown] == [["a"], ["b"], ["c"]]
