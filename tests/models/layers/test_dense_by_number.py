from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.dense_by_number import DenseByNumber

INPUTS = np.array([[[1.0, 2.0], [3.0, 4.0]]], np.float32)
KERNEL = np.array([[[1.0, 0.0, -1.0], [1.0, 0.5, 0.0]], [[2.0, 1.0, 0.0], [0.0, -1.0, 1.0]]], np.float32)
BIAS = np.array([[0.0, 0.0, 0.5], [1.0, 0.0, 0.0]], np.float32)
EMBEDDED = [[[3.0, 1.0, 0.0], [7.0, 0.0, 4.0]]]


def with_weights() -> DenseByNumber:
    layer = DenseByNumber(3)
    layer.build((None, 2, 2))
    layer.set_weights([KERNEL, BIAS])
    return layer


def test_by_hand() -> None:
    np.testing.assert_array_equal(with_weights()(INPUTS), EMBEDDED)


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = keras.Input((2, 2))
    model = keras.Model(inputs, with_weights()(inputs))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(INPUTS), EMBEDDED)


def test_each_number_starts_at_the_scale_of_a_layer_of_its_own() -> None:
    layer = DenseByNumber(50)
    layer.build((None, 100, 8))
    assert np.std(layer.kernel) == pytest.approx((2 / 8) ** 0.5, rel=0.05)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, numbers, width\], not \(1, 2\)"):
        DenseByNumber(3)(INPUTS[:, 0])
