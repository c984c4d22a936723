from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.layers.piecewise_linear import PiecewiseLinear

BOUNDARIES = [[0.0, 1.0, 5.0], [-1.0, -1.0, 1.0]]
PAIRS = np.array([[[2.0, 1.0], [0.5, 1.0]], [[0.0, 0.0], [-1.0, 1.0]], [[9.0, 1.0], [-9.0, 1.0]]], np.float32)
ENCODED = [
    # 2 fills the first bin and a quarter of the second; 0.5 fills three quarters of [-1, 1], after a bin without width.
    [[1.0, 0.25, 1.0], [0.0, 0.75, 1.0]],
    # The first number is missing; -1 is the least.
    [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    # Beyond the greatest, and below the least.
    [[1.0, 1.0, 1.0], [0.0, 0.0, 1.0]],
]


def test_by_hand() -> None:
    np.testing.assert_array_equal(PiecewiseLinear(BOUNDARIES)(PAIRS), ENCODED)


@settings(deadline=None)
@given(
    st.lists(st.floats(-100, 100, width=32), min_size=2, max_size=9).map(sorted),
    st.floats(-100, 100, width=32),
    st.floats(-100, 100, width=32),
)
def test_a_greater_number_fills_each_bin_at_least_as_far(boundaries: list[float], x: float, y: float) -> None:
    pairs = np.array([[[min(x, y), 1.0]], [[max(x, y), 1.0]]], np.float32)
    low, high = np.asarray(PiecewiseLinear([boundaries])(pairs))
    assert (low <= high).all()
    assert (low >= 0).all()
    assert (high <= 1).all()


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    pairs = keras.Input((2, 2))
    model = keras.Model(pairs, PiecewiseLinear(BOUNDARIES)(pairs))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(PAIRS), ENCODED)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, 2, 2\], not \(3, 1, 2\)"):
        PiecewiseLinear(BOUNDARIES)(PAIRS[:, :1])
