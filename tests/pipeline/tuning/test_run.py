"""`coldcast tune`: which branches it tunes, and a whole search on a tiny world."""

import json
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.execute import run_all
from pipeline.runs import find_run
from pipeline.tuning.run import chosen, tune_branches


def test_all_branches_with_random_weights_are_tuned_unless_some_are_named():
    config = Config.model_validate(
        {"branches": [{"recipe": "joint"}, {"name": "a", "recipe": "joint", "start_from": "joint"}]}
    )
    assert [branch.name for branch in chosen(config, ())] == ["joint"]
    with pytest.raises(ConfigError, match=r"unknown branch; valid branches are joint, a"):
        chosen(config, ["b"])
    with pytest.raises(ConfigError, match="starts from another model"):
        chosen(config, ["a"])


@pytest.mark.slow
def test_a_run_trains_with_the_values_that_a_search_found(tmp_path: Path):
    values = {
        "name": "t",
        "root": f"{tmp_path}/root",
        "simulation": {"preset": "tiny"},
        "tiers": {"boundaries_hours": [200, 100, 60, 35, 18, 8, 3], "less_streamed_below": 50},
        "split": {"validation_days": 2, "test_days": 2},
        "validation": {"train_test": {"enabled": False}},
        "features": {"groups": ["content", "context"], "without": ["*_30d", "show_embedding"]},  # fewer are faster
        "model": {"embedding_dim": 4, "tower_units": [8]},
        "trainer": {"epochs": 1},
        "pusher": {"enabled": False},
        "branches": [{"recipe": "joint", "tuned": True}],
        "tuner": {"trials": 2, "space": {"trainer.learning_rate": [0.001, 0.02], "encoder.units": [[8], [16]]}},
    }
    config, screen = Config.model_validate(values), Console(width=200, record=True)
    typed = ("t.yaml", [])
    tune_branches(config, screen, names=(), simulate=True, typed=typed, out=tmp_path / "best.yaml")
    shown = screen.export_text()
    assert "joint trial 1/2: stream AP" in shown or "joint: trials by validation AP" in shown
    best = yaml.safe_load((tmp_path / "best.yaml").read_text())
    run_all(config, screen, sample=False, simulate=False, typed=typed)
    run = find_run(config)
    assert run.node("Tuner.joint").state == "cached"
    (results,) = run.outputs("Tuner.joint", "tuner_results")
    found = json.loads(Path(results, "tuner_results.json").read_text())[0]
    assert best["branches"][0]["trainer"]["learning_rate"] == found["trainer.learning_rate"]
    (report,) = Path(run.outputs("Trainer.joint", "model_run")[0]).rglob("training.json")
    epochs = json.loads(report.read_text())["epochs"]
    assert max(epoch["stream_ap"] for epoch in epochs) == pytest.approx(found["score"], abs=1e-12)
