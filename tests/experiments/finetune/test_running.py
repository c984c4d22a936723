"""The runs of a learning curve, without training."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from experiments.finetune import running as module
from experiments.finetune.curve_model import CurveModel
from experiments.finetune.running import run_curve
from experiments.finetune.systems import WAYS, new_task
from experiments.systems.configs import ExperimentWorld
from experiments.systems.errors import SystemsError
from experiments.systems.judged import Judged
from pipeline.configuration.config import Config
from pipeline.finetune.start import Start
from pipeline.metadata.records import Run

CONFIG = Config.model_validate({"name": "c"})
WORLD = ExperimentWorld("logs", CONFIG)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int | None]]:
    """What runs: the branch, the run of the model that it starts from, and its training rows; the logs have 3,000."""
    done: list[tuple[str, str, int | None]] = []

    def run_config(config: Config, title: str, screen: Console, notes: Any, start: Start | None = None) -> Run:
        (branch,) = config.branches_to_run
        done.append((branch.name, start.run if start else "", branch.trainer.rows))
        return Run(branch.name, datetime(2026, 1, 1, tzinfo=timezone.utc), (), ended=True)

    def find_start(config: Config, given: str, branch: str) -> Start:
        (trained,) = config.branches_to_run
        return Start(given, branch, "/m", "/t", "/e", trained.spec(config.domain, config.features))

    monkeypatch.setattr(module, "run_config", run_config)
    monkeypatch.setattr(module, "find_start", find_start)
    monkeypatch.setattr(module, "judged_by", lambda run, branch: Judged(f"scores of {branch}", {}, {}))
    monkeypatch.setattr(module, "_rows", lambda run, branch: 3000)
    return done


def curve(sizes: list[int], seeds: int = 1) -> tuple[dict[CurveModel, str], str]:
    screen = Console(width=200, record=True)
    task = new_task(CONFIG, "click", "joint")
    scores = run_curve(task, [WORLD], seeds, sizes, WAYS, screen, Path("x.log"), "coldcast")
    return scores, screen.export_text()


def test_each_seed_has_a_start_model_and_then_every_way_by_rows(runs: list[tuple[str, str, int | None]]) -> None:
    scores, _ = curve([500, 2000], seeds=2)
    assert runs[:9] == [
        ("without_click-1", "", None),
        ("click-frozen-500-1", "without_click-1", 500),
        ("click-unfrozen-500-1", "without_click-1", 500),
        ("click-nothing-500-1", "", 500),
        ("click-nothing-all-500-1", "", 500),
        ("click-frozen-2000-1", "without_click-1", 2000),
        ("click-unfrozen-2000-1", "without_click-1", 2000),
        ("click-nothing-2000-1", "", 2000),
        ("click-nothing-all-2000-1", "", 2000),
    ]
    assert [run[1] for run in runs[9:12]] == ["", "without_click-2", "without_click-2"]
    assert scores[CurveModel(WORLD, "frozen", 2000, 2)] == "scores of click-frozen-2000-2"
    assert scores[CurveModel(WORLD, "", 0, 2)] == "scores of without_click-2"


def test_more_rows_than_there_are_are_left_out_and_not_waited_for(runs: list[tuple[str, str, int | None]]) -> None:
    _, text = curve([500, 50_000])
    assert "logs has about 3,000 training rows; left out: 50,000" in text
    assert "[1/9] without_click, seed 1, logs" in text
    assert "[5/5] from nothing, all heads, 500 rows, seed 1, logs" in text
    assert len(runs) == 5


def test_without_a_number_of_rows_that_fits_there_is_no_curve(runs: list[tuple[str, str, int | None]]) -> None:
    with pytest.raises(SystemsError, match=r"--rows 5,000: logs has about 3,000 training rows only; name fewer"):
        curve([5000])


def test_a_config_that_cannot_be_fine_tuned_is_an_error_before_anything_runs(
    runs: list[tuple[str, str, int | None]],
) -> None:
    task = new_task(CONFIG, "click", "joint")
    values = CONFIG.model_dump() | {"tasks": {"click": None}, "recipes": {"joint": None}}
    world = ExperimentWorld(
        "logs", Config.model_validate({**values, "recipe": "promotion_stream_only", "baseline": None})
    )
    with pytest.raises(SystemsError, match="the config has no recipe joint"):
        run_curve(task, [world], 1, [500], WAYS, Console(), Path("x.log"), "coldcast")
    assert not runs
