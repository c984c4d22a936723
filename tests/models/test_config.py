import pytest
from pydantic import ValidationError

from models.config import ModelConfig, TrainerConfig


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="layers"):
        ModelConfig.model_validate({"layers": 3})
    with pytest.raises(ValidationError, match="mean_over"):
        TrainerConfig.model_validate({"mean_over": "nothing"})


def test_what_has_no_effect_changes_no_cache_key() -> None:
    assert ModelConfig(numeric_width=8) == ModelConfig(numeric_bins=0, numeric_width=3) == ModelConfig()
    assert ModelConfig(id_dropout_features=("show_id",)) == ModelConfig()
    assert ModelConfig(numeric_bins=4, numeric_width=8) != ModelConfig(numeric_bins=4)
    one, same = (ModelConfig(id_dropout=0.1, id_dropout_features=names) for names in (("b", "a"), ("a", "b", "a")))
    assert one == same
    assert one != ModelConfig(id_dropout=0.1)


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
