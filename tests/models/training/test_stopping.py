import keras
import numpy as np
import pytest
import tensorflow as tf

from models.training.stopping import Stopping


def model() -> keras.Model:
    made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    made.set_weights([np.zeros((1, 1))])
    return made


def run(aps: list[float], epochs: int, patience: int) -> tuple[int, Stopping, keras.Model]:
    """Epoch n has the weight n."""
    stopping, trained = Stopping(epochs, patience), model()
    for number, ap in enumerate(aps, 1):
        trained.set_weights([np.full((1, 1), number)])
        stopping.judge(ap, trained)
        if stopping.done:
            return number, stopping, trained
    return 0, stopping, trained


@pytest.mark.parametrize(
    ("aps", "epochs", "patience", "stopped", "best"),
    [
        ([0.1, 0.2, 0.3], 3, 2, 3, 3),  # the most epochs
        ([0.3, 0.2, 0.1, 0.4], 9, 2, 3, 1),  # two without a better AP
        ([0.3, 0.3, 0.3], 9, 2, 3, 1),  # an equal AP is not better
        ([0.1, 0.3, 0.2, 0.4, 0.3, 0.3], 9, 2, 6, 4),
        ([0.1, 0.2, 0.3], 9, 1, 0, 3),  # not yet
    ],
)
def test_training_stops_after_epochs_without_a_better_ap(
    aps: list[float], epochs: int, patience: int, stopped: int, best: int
) -> None:
    number, stopping, trained = run(aps, epochs, patience)
    assert (number, stopping.best) == (stopped, best)
    stopping.restore(trained)
    assert trained.get_weights()[0] == best


def test_the_state_beside_the_model_is_restored_with_the_weights() -> None:
    state = tf.Variable([0.0, 0.0])
    stopping, trained = Stopping(9, 2, (state,)), model()
    for number, ap in enumerate([0.1, 0.3, 0.2], 1):
        state.assign([number, 10.0 * number])
        stopping.judge(ap, trained)
    stopping.restore(trained)
    np.testing.assert_array_equal(state, [2.0, 20.0])
