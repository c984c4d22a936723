from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from models.layers.dense_stack import DenseStack

NORM = 1 / np.sqrt(1.001)
"""The factor of batch norm for a variance of 1, with Keras's epsilon of 0.001."""


def with_kernels(*kernels: list[list[float]], **arguments: Any) -> DenseStack:
    stack = DenseStack([len(kernel[0]) for kernel in kernels], name="stack", **arguments)
    stack.build((None, len(kernels[0])))
    for variable, kernel in zip((v for v in stack.weights if v.name == "kernel"), kernels, strict=True):
        variable.assign(kernel)
    return stack


def test_by_hand() -> None:
    stack = with_kernels([[1.0, -1.0], [2.0, 0.5]], [[1.0], [3.0]])
    # x W = [1 + 4, -1 + 1] = [5, 0], then 5 * 1 + 0 * 3 = 5.
    np.testing.assert_allclose(stack(np.array([[1.0, 2.0]], np.float32)), [[5.0 * NORM**2]], rtol=1e-6)
    # x W = [-2 + 2, 2 + 0.5] = [0, 2.5], then 2.5 * 3 = 7.5.
    np.testing.assert_allclose(stack(np.array([[-2.0, 1.0]], np.float32)), [[7.5 * NORM**2]], rtol=1e-6)


def test_training_normalises_by_the_batch_and_moves_the_statistics() -> None:
    stack = with_kernels([[1.0]], dropout=0.0, batch_norm_momentum=0.5)
    output = stack(np.array([[1.0], [3.0]], np.float32), training=True)
    # The batch has the mean 2 and the variance 1: -1 and 1, of which ReLU cuts the first.
    np.testing.assert_allclose(output, [[0.0], [NORM]], rtol=1e-5)
    weights = {weight.path: weight.numpy() for weight in stack.weights}
    np.testing.assert_allclose(weights["stack/norm_0/moving_mean"], [1.0])  # half of 0 and half of 2
    np.testing.assert_allclose(weights["stack/norm_0/moving_variance"], [1.0])


def test_dropout_is_for_training_alone() -> None:
    stack = DenseStack((400,), dropout=0.5)
    x = np.random.default_rng(0).normal(size=(64, 20)).astype(np.float32)
    zeros = [float(np.mean(np.asarray(stack(x, training=training)) == 0.0)) for training in (True, False)]
    assert zeros[0] == pytest.approx(0.75, abs=0.02)  # ReLU cuts half, dropout half of the rest
    assert zeros[1] == pytest.approx(0.5, abs=0.1)


def test_swish_may_follow_the_last_layer_by_hand() -> None:
    stack = with_kernels([[1.0]], [[-1.0]], output_activation="swish")
    x = np.array([[2.0], [-2.0]], np.float32)
    z = -2.0 * NORM**2  # ReLU cuts the second example in the first layer
    np.testing.assert_allclose(stack(x), [[z / (1 + np.exp(-z))], [0.0]], rtol=1e-5)


def test_the_output_may_be_made_of_products_at_hand() -> None:
    stack = with_kernels([[1.0, -1.0], [2.0, 0.5]], [[1.0], [3.0]])
    x = np.array([[1.0, 2.0]], np.float32)
    np.testing.assert_array_equal(stack.finish(x @ stack.input_kernel), stack(x))


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, DenseStack((4, 2), 0.8, 0.1, "swish")(inputs))
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(reloaded(x), model(x))
    assert reloaded.layers[-1].get_config() == model.layers[-1].get_config()


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        DenseStack((4,))(np.ones((2, 3, 4), np.float32))
