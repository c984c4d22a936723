"""What the learning curve compares, as configs."""

from typing import Any

import pytest

from experiments.finetune.running import tuned_config
from experiments.finetune.systems import from_nothing, new_task, training_of, without_history
from experiments.systems.configs import ExperimentWorld, Model, config_of
from experiments.systems.errors import SystemsError
from pipeline.configuration.config import Config
from pipeline.finetune.start import Start

CONFIG = Config.model_validate({"name": "c", "trainer": {"batch_size": 256}})
WORLD = ExperimentWorld("logs", CONFIG)
OLD = ("promotion_stream", "ad_stream", "like", "follow")


def trainer_of(config: Config) -> dict[str, Any]:
    (branch,) = config.branches_to_run
    names = ("rows", "batch_size", "decided_by", "loss_weights", "frozen_encoder")
    return {name: getattr(branch.trainer, name) for name in names}


def test_no_head_and_no_feature_of_the_start_model_knows_the_new_label() -> None:
    task = new_task(CONFIG, "click", "joint")
    config = Model(WORLD, task.start, 1).config
    (branch,) = config.branches_to_run
    assert branch.recipe.heads == OLD
    names = {feature.name for feature in config.feature_table}
    assert "user_ad_like_rate_30d" in names
    assert not [name for name in names if "click" in name]
    assert dict(task.direct) == {"stream": OLD[:2], "like": ("like",), "follow": ("follow",)}
    assert [system.name for system in task.direct_systems()] == ["stream head", "like head", "follow head"]


def test_from_nothing_learns_the_new_task_alone_or_with_all_others() -> None:
    task = new_task(CONFIG, "click", "joint")
    alone = config_of(WORLD, from_nothing(CONFIG, task, 500, all_heads=False), 1)
    assert alone.branches_to_run[0].recipe.heads == ("promotion_stream", "ad_stream", "click")
    assert trainer_of(alone) == {
        "rows": 500,
        "batch_size": 32,
        "decided_by": "click",
        "loss_weights": {"promotion_stream": 0.0, "ad_stream": 0.0},
        "frozen_encoder": False,
    }
    assert alone.feature_table == Model(WORLD, task.start, 1).config.feature_table
    every = config_of(WORLD, from_nothing(CONFIG, task, 500, all_heads=True), 1)
    assert every.branches_to_run[0].recipe.heads == (*OLD, "click")
    assert trainer_of(every)["loss_weights"] == {}


@pytest.mark.parametrize("frozen", [True, False])
def test_fine_tuning_has_the_rows_and_the_budget_of_training_from_nothing(frozen: bool) -> None:
    task = new_task(CONFIG, "click", "joint")
    model = Model(WORLD, task.start, 3)
    (branch,) = model.config.branches_to_run
    start = Start("run", branch.name, "/m", "/t", "/e", branch.spec(model.config.domain, model.config.features))
    config = tuned_config(model, task, start, 2000, frozen, "click-x-2000-3")
    (tuned,) = config.branches_to_run
    assert (tuned.name, tuned.seed, tuned.pushed, config.pusher.enabled) == ("click-x-2000-3", 3, False, False)
    assert tuned.recipe.heads == (*OLD, "click")
    given = trainer_of(config)
    assert (given["rows"], given["batch_size"], given["decided_by"]) == (2000, 64, "click")
    assert (given["frozen_encoder"], bool(given["loss_weights"])) == (frozen, frozen)
    scratch = config_of(WORLD, from_nothing(CONFIG, task, 2000, all_heads=True), 3)
    assert (tuned.trainer.epochs, tuned.trainer.patience) == (20, 4)
    assert (scratch.branches_to_run[0].trainer.epochs, scratch.branches_to_run[0].trainer.patience) == (20, 4)


@pytest.mark.parametrize(("rows", "batch"), [(100, 32), (500, 32), (1000, 32), (1024, 64), (5000, 256), (50_000, 256)])
def test_a_batch_is_a_16th_of_the_rows_a_power_of_2_and_no_more_than_that_of_the_config(rows: int, batch: int) -> None:
    assert training_of(CONFIG, rows)["batch_size"] == batch


def test_the_history_of_the_label_goes_from_features_beside_what_the_config_leaves_out() -> None:
    config = Config.model_validate({"name": "c", "features": {"without": ["user_taste"]}})
    assert without_history(config, "like") == {"features": {"without": ["user_taste", "*_like_rate_30d"]}}


@pytest.mark.parametrize(
    ("task", "recipe", "message"),
    [
        ("click", "no_such", "--recipe no_such: the config has no such recipe; its recipes are "),
        ("ad_stream", "joint", "--task ad_stream: joint cannot do without it; tasks to hold out are click, like, foll"),
        ("save", "joint", "--task save: joint cannot do without it"),
    ],
)
def test_a_task_that_cannot_be_held_out_is_refused(task: str, recipe: str, message: str) -> None:
    with pytest.raises(SystemsError, match=message):
        new_task(CONFIG, task, recipe)
