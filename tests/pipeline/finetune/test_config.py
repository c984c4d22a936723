"""The config that fine-tuning derives from that of the start model."""

from typing import Any

import pytest

from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.finetune.config import finetune_config
from pipeline.finetune.start import Start

HEADS = ["promotion_stream", "ad_stream", "click", "like"]
RECIPES = {"no-follow": {"trained_on": ["promotion", "ad"], "heads": HEADS, "balanced": True}}


def config_of(**changes: Any) -> Config:
    return Config.model_validate({"name": "c", "recipes": RECIPES, "recipe": "no-follow", "baseline": None} | changes)


CONFIG = config_of()
START = Start("run", "no-follow", "/m", "/t", "/e", CONFIG.branches_to_run[0].spec(CONFIG.domain, CONFIG.features))


def test_the_new_task_is_a_head_more_and_only_its_tower_learns() -> None:
    tuned = finetune_config(CONFIG, START, "follow")
    (branch,) = tuned.branches_to_run
    assert branch.recipe.heads == (*HEADS, "follow")
    assert branch.recipe.encoder == START.spec.recipe.encoder
    assert branch.trainer.frozen_encoder
    assert branch.trainer.decided_by == "follow"
    assert branch.trainer.loss_weights == dict.fromkeys(HEADS, 0.0)
    assert branch.pushed
    assert (tuned.name, tuned.root, tuned.logs) == ("c-follow", CONFIG.root, CONFIG.logs)
    assert tuned.models != CONFIG.models, "the start model goes on being served"


def test_a_folder_of_published_versions_is_not_shared_with_the_start_model() -> None:
    config = config_of(pusher={"directory": "/models/coldcast/"})
    assert finetune_config(config, START, "follow").models == "/models/coldcast-follow"


def test_a_task_that_cannot_learn_is_refused() -> None:
    with pytest.raises(ConfigError, match="--instead-of click: this is the new task; name another head"):
        finetune_config(CONFIG, START, "click", instead_of="click")
    with pytest.raises(ConfigError, match=r"trainer\.loss_weights\.follow: with the weight 0 the new task"):
        finetune_config(config_of(trainer={"loss_weights": {"follow": 0.0}}), START, "follow")


def test_no_loss_weight_of_the_config_lets_a_frozen_tower_learn() -> None:
    config = config_of(trainer={"loss_weights": {"like": 0.5, "follow": 2.0}})
    (branch,) = finetune_config(config, START, "follow").branches_to_run
    assert branch.trainer.loss_weights == {**dict.fromkeys(HEADS, 0.0), "follow": 2.0}
    (branch,) = finetune_config(config, START, "follow", frozen=False).branches_to_run
    assert branch.trainer.loss_weights == {"like": 0.5, "follow": 2.0}


def test_unfrozen_all_heads_learn() -> None:
    (branch,) = finetune_config(CONFIG, START, "follow", frozen=False).branches_to_run
    assert not branch.trainer.frozen_encoder
    assert branch.trainer.loss_weights == {}


def test_a_task_takes_the_place_of_another() -> None:
    (branch,) = finetune_config(CONFIG, START, "follow", instead_of="like").branches_to_run
    assert branch.recipe.heads == ("promotion_stream", "ad_stream", "click", "follow")


@pytest.mark.parametrize(
    ("task", "instead_of", "message"),
    [
        ("save", None, "--task save: unknown task; valid tasks are"),
        ("follow", "save", "--instead-of save: the model has no such head; it has promotion_stream"),
    ],
)
def test_unknown_names_are_refused(task: str, instead_of: str | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        finetune_config(CONFIG, START, task, instead_of=instead_of)


def test_features_of_the_start_model_must_be_there() -> None:
    without = config_of(labels={"follow": None})
    with pytest.raises(
        ConfigError, match=r"features: the start model takes .*follow_rate.*, which this config does not"
    ):
        finetune_config(without, START, "click")
