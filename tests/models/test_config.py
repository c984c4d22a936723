import pytest
from pydantic import ValidationError

from models.config import ModelConfig, TrainerConfig


def test_a_loss_weight_of_an_unknown_task_names_the_valid_ones() -> None:
    with pytest.raises(ValidationError, match=r"unknown task 'listen'; valid tasks are promotion_stream, ad_stream"):
        TrainerConfig(loss_weights={"listen": 1.0})


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="layers"):
        ModelConfig.model_validate({"layers": 3})
    with pytest.raises(ValidationError, match="mean_over"):
        TrainerConfig.model_validate({"mean_over": "nothing"})
