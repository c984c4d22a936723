from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.activation_unit import ActivationUnit

IDS = np.array([[3, 4], [3, 7], [7, 7]], np.int32)
EMBEDDED = np.array([[[1.0, 2.0], [3.0, 6.0]], [[1.0, 2.0], [9.0, 9.0]], [[9.0, 9.0], [9.0, 9.0]]], np.float32)
CANDIDATE = np.array([[1.0, -1.0], [2.0, 0.0], [1.0, 1.0]], np.float32)


def with_weights() -> ActivationUnit:
    """The hidden unit adds up all eight inputs; PReLU halves what is negative; the weight is twice that, plus one."""
    unit = ActivationUnit(padding=7, units=1, name="unit")
    unit.build((None, 2), (None, 2, 2), (None, 2))
    unit.set_weights([np.ones((8, 1)), np.zeros(1), np.full((1, 1), 0.5), np.full((1, 1), 2.0), np.ones(1)])
    return unit


EXPECTED = [
    # Inputs of (1, 2): itself 3, the candidate 0, the difference 3, the product -1: 5, so it weighs 11.
    # Inputs of (3, 6): 9, 0, 9, -3: 15, so it weighs 31.
    [1 * 11 + 3 * 31, 2 * 11 + 6 * 31],
    # Inputs of (1, 2): 3, 2, (-1, 2) 1, (2, 0) 2: 8, so it weighs 17. The other one is missing.
    [17.0, 34.0],
    [0.0, 0.0],
]


def test_by_hand() -> None:
    np.testing.assert_allclose(with_weights()(IDS, EMBEDDED, CANDIDATE), EXPECTED)


def test_a_negative_hidden_value_is_scaled_and_not_cut() -> None:
    # Inputs of (-1, -2): -3, 0, -3, 1 (by element -1 and 2): -5, halved -2.5, so it weighs -4.
    given = (IDS[1:2], -EMBEDDED[:1], CANDIDATE[:1])
    np.testing.assert_allclose(with_weights()(*given), [[4.0, 8.0]])


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = [keras.Input((2,), dtype="int32"), keras.Input((2, 2)), keras.Input((2,))]
    model = keras.Model(inputs, with_weights()(*inputs))
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(reloaded([IDS, EMBEDDED, CANDIDATE]), EXPECTED)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\[n, k\], \[n, k, dim\], and \[n, dim\], not \(3, 2\), \(3, 2, 2\), and"):
        ActivationUnit(padding=7)(IDS, EMBEDDED, CANDIDATE[:, :1])
