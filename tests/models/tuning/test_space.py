"""The space of a search: what it declares to KerasTuner, and the spec that has the values of a trial."""

import keras_tuner
import pytest

from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig
from models.spec import TrainingSpec
from models.tuning.config import DEFAULT_SPACE, Range, TunerConfig
from models.tuning.oracle import declared
from models.tuning.space import decoded, encoded, space_of, with_values
from tests.models.prepared import RECIPES


def spec(recipe: str = "joint", **changes: object) -> TrainingSpec:
    return TrainingSpec(name="a", recipe=RECIPES[recipe], sources=("promotion", "ad"), **changes)


@pytest.mark.parametrize("value", [1, 0.5, True, None, "swish", [256, 128], {"kind": "famo"}])
def test_a_value_comes_back_from_keras_tuner(value: object):
    assert decoded(encoded(value)) == value


def test_ranges_and_lists_are_those_of_keras_tuner():
    space = {
        "trainer.learning_rate": Range(low=1e-3, high=1.0, log=True),
        "model.embedding_dim": Range(low=4, high=8),
        "model.id_dropout": (0, 0.5),
        "encoder.units": ([8], [16, 8]),
    }
    rate, size, dropout, units = declared(space).space
    assert isinstance(rate, keras_tuner.engine.hyperparameters.Float) and rate.sampling == "log"
    assert isinstance(size, keras_tuner.engine.hyperparameters.Int) and (size.min_value, size.max_value) == (4, 8)
    assert dropout.values == [0.0, 0.5]
    assert units.values == ["[8]", "[16, 8]"]


@pytest.mark.parametrize(
    ("low", "high", "log", "problem"),
    [
        *((2, 1, False, "below high"), (1, 1, False, "below"), (0, 1, True, "above 0")),
        *((float("nan"), 1.0, False, "finite"), (0.0, float("inf"), False, "finite")),
    ],
)
def test_a_range_without_numbers_is_refused(low: float, high: float, log: bool, problem: str):
    with pytest.raises(ValueError, match=problem):
        Range(low=low, high=high, log=log)


@pytest.mark.parametrize("space", [{}, {"trainer.learning_rate": []}])
def test_a_space_without_values_is_refused(space: dict):
    with pytest.raises(ValueError, match="at least one"):
        TunerConfig.model_validate({"space": space})


def test_each_value_goes_where_its_path_says():
    tuned = with_values(
        spec(), {"trainer.learning_rate": 0.5, "model.embedding_dim": 7, "encoder.units": "[9]", "encoder.dropout": 0.1}
    )
    assert (tuned.trainer.learning_rate, tuned.model.embedding_dim) == (0.5, 7)
    assert tuned.recipe.encoder == DenseConfig(units=(9,), dropout=0.1)
    assert tuned.recipe.tasks == spec().recipe.tasks


def test_a_value_switches_on_an_option_that_was_idle():
    idle = spec(model=ModelConfig(id_dropout=0.0), trainer=TrainerConfig(epochs=2))
    tuned = with_values(idle, {"model.id_dropout": 0.25})
    assert tuned.model.id_dropout == 0.25
    assert "show_id" in tuned.model.id_dropout_features
    assert tuned.trainer == idle.trainer.effective(idle.recipe.heads)


def test_a_branch_searches_only_keys_that_its_encoder_has():
    space = {"encoder.experts": (2, 4), **DEFAULT_SPACE}
    assert space_of(space, RECIPES["joint"]) == DEFAULT_SPACE
    assert space_of(space, RECIPES["joint_mmoe"]) == space
