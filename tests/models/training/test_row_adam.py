import keras
import numpy as np
import pytest
import tensorflow as tf

from models.training.row_adam import RowAdam, Touched

RATE = 0.1


def made(table: np.ndarray, weight_decay: float = 0.0) -> tuple[keras.Variable, RowAdam]:
    variable = keras.Variable(table.astype(np.float32))
    constant = keras.optimizers.schedules.PiecewiseConstantDecay([1], [RATE, RATE])
    return variable, RowAdam(variable, constant, weight_decay)


def step(adam: RowAdam, indices: list[int], gradients: list[list[float]]) -> Touched:
    return adam.apply(tf.constant(indices), tf.constant(gradients, tf.float32), tf.distribute.get_strategy())


def test_by_hand() -> None:
    table, adam = made(np.array([[1.0], [2.0], [3.0]]))
    touched = step(adam, [2, 0, 2], [[1.0], [-0.5], [1.0]])
    # The first step of Adam moves a weight by the rate, whatever the size of its gradient.
    np.testing.assert_allclose(table, [[1.1], [2.0], [2.9]], rtol=1e-5)
    np.testing.assert_array_equal(touched.rows, [2, 0])
    np.testing.assert_allclose(touched.before, [[3.0], [1.0]])
    np.testing.assert_allclose(touched.after, [[2.9], [1.1]], rtol=1e-5)
    # Row 2, gradient -1: m = 0.2 + 0.1 (-1 - 0.2) = 0.08, v = 0.004 + 0.001 (1 - 0.004) = 0.004996; corrected by
    # 1 - 0.9^2 = 0.19 and 1 - 0.999^2 = 0.001999: 0.1 * (0.08 / 0.19) / sqrt(0.004996 / 0.001999) = 0.026634.
    step(adam, [2], [[-1.0]])
    np.testing.assert_allclose(table, [[1.1], [2.0], [2.9 - 0.026634]], rtol=1e-5)


def test_a_row_of_every_step_moves_as_in_keras_s_adam() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(4, 3))
    table, adam = made(start)
    dense, keras_adam = keras.Variable(start.astype(np.float32)), keras.optimizers.Adam(RATE)
    for _ in range(5):
        gradient = rng.normal(size=(4, 3)).astype(np.float32)
        step(adam, [3, 1, 0, 2], gradient[[3, 1, 0, 2]].tolist())
        keras_adam.apply([tf.constant(gradient)], [dense])
    np.testing.assert_allclose(table, dense, rtol=1e-5)


def test_rows_that_a_step_does_not_look_up_keep_their_values_and_moments() -> None:
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)).tolist()
    table, adam = made(start)
    step(adam, [1], gradients[:1])
    moved = table.numpy()
    np.testing.assert_array_equal(moved[[0, 2]], start[[0, 2]].astype(np.float32))
    step(adam, [0, 2], gradients)
    np.testing.assert_array_equal(table.numpy()[1], moved[1])


def test_weight_decay_by_hand_and_only_of_the_rows_of_the_step() -> None:
    table, adam = made(np.array([[1.0], [2.0]]), weight_decay=0.5)
    step(adam, [1], [[1.0]])
    np.testing.assert_allclose(table, [[1.0], [2.0 - 0.1 * 0.5 * 2.0 - 0.1]], rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_equal_rows_add_up_in_the_same_way_each_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    indices, gradients = rng.integers(0, 50, 20_000).tolist(), rng.normal(size=(20_000, 8)).tolist()
    results = []
    for _ in range(2):
        table, adam = made(np.zeros((60, 8)))
        step(adam, indices, gradients)
        results.append(table.numpy())
    np.testing.assert_array_equal(*results)
