from typing import Any

import pytest
from pydantic import ValidationError

from models.config import ModelConfig, TrainerConfig
from transforms.config import FeaturesConfig


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="layers"):
        ModelConfig.model_validate({"layers": 3})
    with pytest.raises(ValidationError, match="mean_over"):
        TrainerConfig.model_validate({"mean_over": "nothing"})


FEATURES = FeaturesConfig().chosen()
ALONE = tuple(feature for feature in FEATURES if not feature.shares)


@pytest.mark.parametrize(
    ("values", "same_as"),
    [
        ({"numeric_width": 8}, {}),
        ({"id_dropout_features": ("show_id",)}, {}),
        ({"id_dropout": 0.1, "id_dropout_features": ("nothing",)}, {}),
        (
            {"id_dropout": 0.1, "id_dropout_features": ("show_id", "campaign_id", "show_id")},
            {"id_dropout": 0.1, "id_dropout_features": ("campaign_id", "show_id")},
        ),
    ],
)
def test_an_option_of_the_model_without_effect_changes_no_cache_key(
    values: dict[str, Any], same_as: dict[str, Any]
) -> None:
    assert ModelConfig(**values).effective(FEATURES) == ModelConfig(**same_as).effective(FEATURES)


@pytest.mark.parametrize(
    "values",
    [
        {"numeric_bins": 4, "numeric_width": 8},
        {"id_dropout": 0.1},
        {"id_dropout": 0.1, "id_dropout_features": ("show_id",)},
        {"history_pooling": "attention"},
    ],
)
def test_an_option_of_the_model_with_an_effect_stays(values: dict[str, Any]) -> None:
    effective = ModelConfig(**values).effective(FEATURES)
    assert {name: getattr(effective, name) for name in values} == values
    assert effective != ModelConfig().effective(FEATURES)
    assert effective.effective(FEATURES) == effective


def test_the_pooling_of_a_history_counts_only_if_a_list_shares_the_embeddings_of_an_id() -> None:
    assert len(ALONE) < len(FEATURES)
    assert ModelConfig(history_pooling="attention").effective(ALONE) == ModelConfig().effective(ALONE)


def test_embeddings_that_learn_in_all_epochs_have_one_cache_key() -> None:
    keys = [TrainerConfig(epochs=3, embedding_epochs=epochs).effective(()) for epochs in (None, 2, 3, 4)]
    assert keys[0] == keys[2] == keys[3] != keys[1]


def test_more_bins_than_transform_learns_are_refused() -> None:
    assert ModelConfig(numeric_bins=64).numeric_bins == 64
    with pytest.raises(ValidationError, match="less than or equal to 64"):
        ModelConfig(numeric_bins=65)


@pytest.mark.parametrize("values", [{"learning_rate": float("inf")}, {"loss_weights": {"click": float("inf")}}])
def test_infinite_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="finite"):
        TrainerConfig.model_validate(values)


def test_replicas_that_cannot_share_a_batch_equally_are_refused() -> None:
    assert TrainerConfig(batch_size=12, replicas=3).replicas == 3
    with pytest.raises(ValidationError, match="make batch_size a multiple of replicas"):
        TrainerConfig(batch_size=10, replicas=3)
