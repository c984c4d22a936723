from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.member_scale import MemberScale


def test_each_member_scales_the_input_by_hand() -> None:
    scale = MemberScale(2)
    scale.build((None, 3))
    scale.set_weights([np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 3.0]])])
    views = scale(np.array([[1.0, 2.0, 3.0], [0.0, 4.0, 1.0]], np.float32))
    np.testing.assert_array_equal(views, [[[1.0, 1.0, 0.0], [-1.0, 4.0, 9.0]], [[0.0, 2.0, 0.0], [0.0, 8.0, 3.0]]])


def test_scales_begin_as_signs_of_both_kinds() -> None:
    scale = MemberScale(8)
    scale.build((None, 200))
    values, counts = np.unique(scale.get_weights()[0], return_counts=True)
    np.testing.assert_array_equal(values, [-1.0, 1.0])
    assert counts.min() > 700


def test_the_columns_of_a_feature_begin_with_one_sign() -> None:
    scale = MemberScale(8, sections=(3, 1) * 50)
    scale.build((None, 200))
    signs = scale.get_weights()[0].reshape(50, 4, 8)
    assert (signs[:, :3] == signs[:, :1]).all()
    assert 150 < (signs[:, 3] == signs[:, 0]).sum() < 250  # another feature agrees by chance: half of 400


def test_sections_of_another_width_are_an_error() -> None:
    with pytest.raises(ValueError, match="has sections of 3 columns, not 4"):
        MemberScale(2, sections=(1, 2)).build((None, 4))


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, MemberScale(4, (2, 1))(inputs))
    model.save(tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        MemberScale(2)(np.ones((2, 3, 4), np.float32))
