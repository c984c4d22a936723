"""Which model fine-tuning starts from."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.finetune import start
from pipeline.finetune.start import find_start
from pipeline.metadata.records import Node, Output, Run


def run_with(folder: Path, *, blessed: int) -> Run:
    outputs = {"model": (Output(f"{folder}/model", {}),)}
    verdict = {"blessing": (Output(f"{folder}/blessing", {"blessed": blessed}),)}
    nodes = (Node("Trainer.joint", "complete", 1.0, outputs), Node("Evaluator.joint", "complete", 1.0, verdict))
    return Run("2026-01-01", datetime(2026, 1, 1, tzinfo=timezone.utc), nodes, ended=True)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.model_validate({"name": "c", "root": str(tmp_path), "baseline": None})


@pytest.mark.parametrize(
    ("blessed", "given", "branch", "message"),
    [
        (0, "2026", None, "the model of joint in the run 2026-01-01 is not blessed, so nothing may start from it"),
        (0, None, None, "no run of c has a blessed model to start from"),
        (1, "2026", "other", "--branch other: the run 2026-01-01 trained no such branch; it has joint"),
        (1, "some/folder", None, "--from some/folder: no run of c in .* made the model in this folder"),
        (1, "2026", None, "the model of joint in the run 2026-01-01 was removed; name a run that is kept"),
    ],
)
def test_a_model_that_cannot_be_a_start_is_refused(
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    blessed: int,
    given: str | None,
    branch: str | None,
    message: str,
) -> None:
    run = run_with(tmp_path, blessed=blessed)
    monkeypatch.setattr(start, "find_run", lambda _config, _given: run)
    monkeypatch.setattr(start, "list_runs", lambda _config: [run])
    with pytest.raises(RunsError, match=message):
        find_start(config, given, branch)


def test_without_a_run_nothing_can_start(config: Config) -> None:
    with pytest.raises(RunsError, match="nothing has run yet"):
        find_start(config, "2026")
