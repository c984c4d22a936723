from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from models.training.averaging import WeightAverage
from models.training.row_adam import Touched

ONE = tf.distribute.get_strategy()


def model(rows: int = 0) -> keras.Model:
    """One weight, batch norm's statistics, and a table of one column."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((1,))
    dense = keras.layers.Dense(1, use_bias=False)(keras.layers.BatchNormalization()(inputs))
    if not rows:
        return keras.Model(inputs, dense)
    ids = keras.Input((1,), dtype="int32")
    return keras.Model([inputs, ids], [dense, keras.layers.Embedding(rows, 1, name="embedding")(ids)])


def averaged(average: WeightAverage, made: keras.Model) -> list[np.ndarray]:
    with average.applied(ONE):
        return made.get_weights()


def test_by_hand_with_batch_norm_s_statistics() -> None:
    made = model()
    made.set_weights([np.full(weight.shape, 1.0) for weight in made.weights])
    average = WeightAverage(made, None, decay=0.5)
    for value in (2.0, 4.0, 8.0):
        made.set_weights([np.full(weight.shape, value) for weight in made.weights])
        average.update(None)
    # (2 / 4 + 4 / 2 + 8) / (1 / 4 + 1 / 2 + 1) = 10.5 / 1.75 = 6.
    weights = averaged(average, made)
    assert len(weights) == 5  # the kernel, gamma, beta, the moving mean and the moving variance
    for weight in weights:
        np.testing.assert_allclose(weight, np.full(weight.shape, 6.0), rtol=1e-5)


def test_the_model_has_its_own_weights_again_after_the_block() -> None:
    made = model(rows=3)
    before = made.get_weights()
    average = WeightAverage(made, made.get_layer("embedding").embeddings, decay=0.9)
    for _ in range(2):
        made.set_weights([weight + 1.0 for weight in made.get_weights()])
        average.update(None)
    with average.applied(ONE):
        changes = [np.abs(weight - old) for weight, old in zip(made.get_weights(), before, strict=True)]
        assert all((change < 2.0).all() for change in changes)
    for weight, old in zip(made.get_weights(), before, strict=True):
        np.testing.assert_allclose(weight, old + 2.0, rtol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=12), st.floats(0.01, 0.999))
def test_the_average_of_each_row_is_that_of_a_table_averaged_whole(steps: Sequence[set[int]], decay: float) -> None:
    rng = np.random.default_rng(0)
    made = model(rows=4)
    table = made.get_layer("embedding").embeddings
    average = WeightAverage(made, table, decay)
    total, weight = np.zeros(table.shape), 0.0
    for number, moved in enumerate(steps, 1):
        rows = np.array(sorted(moved), np.int32)
        before = table.numpy()[rows]
        values = table.numpy()
        values[rows] = rng.normal(size=(len(rows), 1))
        table.assign(values)
        average.update(Touched(tf.constant(rows), tf.constant(before), tf.constant(values[rows])) if moved else None)
        total += decay ** (len(steps) - number) * values
        weight += decay ** (len(steps) - number)
    with average.applied(ONE):
        np.testing.assert_allclose(table.numpy(), total / weight, rtol=1e-4, atol=1e-5)
