import keras
import numpy as np

from models.config import TrainerConfig
from models.training.optimizer import make_optimizer


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
