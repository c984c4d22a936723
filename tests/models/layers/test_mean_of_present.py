from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.mean_of_present import MeanOfPresent

IDS = np.array([[3, 4], [3, 7], [7, 7]], np.int32)
EMBEDDED = np.array([[[1.0, 2.0], [3.0, 6.0]], [[1.0, 2.0], [9.0, 9.0]], [[9.0, 9.0], [9.0, 9.0]]], np.float32)


def test_by_hand() -> None:
    np.testing.assert_allclose(MeanOfPresent(padding=7)(IDS, EMBEDDED), [[2.0, 4.0], [1.0, 2.0], [0.0, 0.0]])


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    ids, embedded = keras.Input((2,), dtype="int32"), keras.Input((2, 2))
    model = keras.Model([ids, embedded], MeanOfPresent(padding=7)(ids, embedded))
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(reloaded([IDS, EMBEDDED]), model([IDS, EMBEDDED]))


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, k\] and \[n, k, dim\], not \(3, 2\) and \(3, 2\)"):
        MeanOfPresent(padding=7)(IDS, EMBEDDED[:, 0])
