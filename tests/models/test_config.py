import pytest
from pydantic import ValidationError

from models.config import ModelConfig, TrainerConfig
from models.recipes import Recipe


def test_a_loss_weight_of_an_unknown_task_names_the_valid_ones() -> None:
    with pytest.raises(ValidationError, match=r"unknown task 'listen'; valid tasks are promotion_stream, ad_stream"):
        TrainerConfig(loss_weights={"listen": 1.0})


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="layers"):
        ModelConfig.model_validate({"layers": 3})
    with pytest.raises(ValidationError, match="mean_over"):
        TrainerConfig.model_validate({"mean_over": "nothing"})


@pytest.mark.parametrize("values", [{"learning_rate": float("inf")}, {"loss_weights": {"click": float("inf")}}])
def test_infinite_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="finite"):
        TrainerConfig.model_validate(values)


@pytest.mark.parametrize(
    ("sources", "heads", "said"),
    [
        (("ad",), ("promotion_stream",), "promotion_stream learns from promotion alone, which is not in sources"),
        (("ad",), ("click",), "name a stream task"),
        (("ad",), (), "name at least one, each once"),
        (("ad", "ad"), ("ad_stream",), "name at least one, each once"),
    ],
)
def test_a_recipe_that_cannot_learn_or_be_judged_is_refused(
    sources: tuple[str, ...], heads: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Recipe.model_validate({"sources": sources, "heads": heads})
