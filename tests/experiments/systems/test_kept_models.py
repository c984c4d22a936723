"""The models of earlier runs, found again without a run."""

from datetime import datetime, timezone

import pytest

from experiments.systems import judged as module
from experiments.systems.configs import Model, worlds_of
from experiments.systems.errors import SystemsError
from experiments.systems.judged import Judged, kept_models
from experiments.systems.system import System
from pipeline.configuration.file import load_config
from pipeline.errors import RunsError
from pipeline.metadata.records import Node, Output, Run

(WORLD,) = worlds_of(load_config("tiny"), "/out")
FIRST, SECOND = (Model(WORLD, System("joint", "joint"), seed) for seed in (1, 2))


def run(number: int, branch: str) -> Run:
    node = Node(f"Evaluator.{branch}", "complete", 1.0, {"evaluation": (Output("/evaluation", {}),)})
    return Run(str(number), datetime(2026, 1, number, tzinfo=timezone.utc), (node,), ended=True)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    runs = [run(1, "joint-1"), run(2, "joint-2"), run(3, "joint-1")]
    monkeypatch.setattr(module, "list_runs", lambda config: runs)
    monkeypatch.setattr(module, "judged_by", lambda run, branch: Judged(f"{branch} of run {run.id}", {}, {}))
    monkeypatch.setattr(module, "trained_spec", lambda run, model: model.spec)
    return runs


def test_each_model_is_that_of_the_newest_run(runs: list[Run]):
    found = {model.seed: judged.scores for model, judged in kept_models([FIRST, SECOND]).items()}
    assert found == {1: "joint-1 of run 3", 2: "joint-2 of run 2"}


def test_a_run_with_other_settings_does_not_count(runs: list[Run], monkeypatch: pytest.MonkeyPatch):
    (short,) = worlds_of(load_config("tiny", ["trainer.epochs=1"]), "/out")
    specs = {"1": FIRST.spec, "3": FIRST._replace(world=short).spec}
    monkeypatch.setattr(module, "trained_spec", lambda run, model: specs[run.id])
    assert kept_models([FIRST])[FIRST].scores == "joint-1 of run 1"
    runs.pop(0)
    with pytest.raises(SystemsError, match="joint, seed 1, world-7: it was trained with other settings only; start"):
        kept_models([FIRST])


def test_a_model_that_was_not_trained_yet_is_an_error(runs: list[Run], monkeypatch: pytest.MonkeyPatch):
    runs.pop(1)
    message = "joint, seed 2, world-7: it was not trained and judged yet; start the same command without --beside"
    with pytest.raises(SystemsError, match=message):
        kept_models([FIRST, SECOND])

    def no_run(config: object) -> list[Run]:
        raise RunsError("no run")

    monkeypatch.setattr(module, "list_runs", no_run)
    with pytest.raises(SystemsError, match="joint, seed 1"):
        kept_models([FIRST])
