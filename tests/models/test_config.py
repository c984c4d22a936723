import pytest
from pydantic import ValidationError

from models.config import ModelConfig, TrainerConfig


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="layers"):
        ModelConfig.model_validate({"layers": 3})
    with pytest.raises(ValidationError, match="mean_over"):
        TrainerConfig.model_validate({"mean_over": "nothing"})


@pytest.mark.parametrize("values", [{"learning_rate": float("inf")}, {"loss_weights": {"click": float("inf")}}])
def test_infinite_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="finite"):
        TrainerConfig.model_validate(values)


def test_replicas_that_cannot_share_a_batch_equally_are_refused() -> None:
    assert TrainerConfig(batch_size=12, replicas=3).replicas == 3
    with pytest.raises(ValidationError, match="make batch_size a multiple of replicas"):
        TrainerConfig(batch_size=10, replicas=3)
