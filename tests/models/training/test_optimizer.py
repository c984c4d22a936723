import keras
import numpy as np

from models.config import TrainerConfig
from models.encoders.config import TabmConfig
from models.network import build_model
from models.training.optimizer import make_optimizer
from tests.models.prepared import RECIPES, SWITCHES, rich_layout


def test_the_learning_rate_rises_then_falls() -> None:
    config = TrainerConfig(learning_rate=0.1, warmup=0.2, final_learning_rate=0.5)
    optimizer = make_optimizer(config, steps=10)
    rates = []
    variable = keras.Variable([0.0])
    optimizer.build([variable])
    for _ in range(11):
        rates.append(float(optimizer.learning_rate))
        optimizer.apply([np.zeros(1, np.float32)], [variable])
    np.testing.assert_allclose(rates[:3], [0.0, 0.05, 0.1], rtol=1e-5)
    assert rates[2:] == sorted(rates[2:], reverse=True)
    np.testing.assert_allclose(rates[-1], 0.05, rtol=1e-5)


def test_weight_decay_is_of_dense_layers_alone() -> None:
    recipe = RECIPES["joint"].model_copy(update={"encoder": TabmConfig(members=2, units=(4,))})
    variables = build_model(rich_layout(), recipe, SWITCHES).trainable_variables
    optimizer = make_optimizer(TrainerConfig(weight_decay=1.0, learning_rate=0.1, warmup=0.0), steps=10)
    weights = [variable for variable in variables if variable.path != "embedding/embeddings"]
    for weight in weights:
        weight.assign(np.ones(weight.shape))
    optimizer.build(weights)
    optimizer.apply([np.zeros(weight.shape, np.float32) for weight in weights], weights)
    kept = {weight.path for weight in weights if (weight.numpy() == 1).all()}
    assert {"encoder/scale/scale", "attention_recent/prelu/alpha"} <= kept
    assert {weight.path for weight in weights} - kept == {
        weight.path for weight in weights if weight.path.endswith("/kernel")
    }
