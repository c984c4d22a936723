from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.tower import Tower


def test_by_hand() -> None:
    tower = Tower((2,))
    tower.build((None, 2))
    tower.set_weights(
        [np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([0.5, 0.0]), np.array([[2.0], [3.0]]), np.array([0.25])]
    )
    # z W + b = [1 + 2 + 0.5, -1 + 2] = [3.5, 1]; 2 * 3.5 + 3 * 1 + 0.25. Then [-2.5, 3], of which ReLU cuts the first.
    np.testing.assert_allclose(tower(np.array([[1.0, 2.0], [-3.0, 0.0]], np.float32)), [10.25, 9.25])


def test_a_tower_may_be_a_logit_alone() -> None:
    tower = Tower(())
    assert tower(np.ones((3, 4), np.float32)).shape == (3,)
    assert [weight.name for weight in tower.weights] == ["kernel", "bias"]
    assert tower.logit.kernel.shape == (4, 1)


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, Tower((4,))(inputs))
    model.save(tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        Tower((4,))(np.ones((2, 3, 4), np.float32))
