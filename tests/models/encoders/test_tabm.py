from pathlib import Path

import numpy as np
import pytest

from models.encoders.tabm import TabmEncoder
from tests.models.encoders.reloading import check_reloads

HEADS = ("click", "stream")


def test_members_share_the_stack_and_scale_its_input_by_hand() -> None:
    encoder = TabmEncoder(HEADS, members=2, units=(1,))
    encoder.build((None, 2))
    scale, kernel = encoder.input_kernels
    scale.assign([[1.0, -1.0], [2.0, 0.5]])
    kernel.assign([[3.0], [4.0]])
    encoded = encoder(np.array([[1.0, 2.0], [-2.0, 1.0]], np.float32))
    assert tuple(encoded) == HEADS
    # Example 1: member 1 reads [1, 4], so 3 + 16 = 19; member 2 reads [-1, 1], so -3 + 4 = 1. Example 2: [-2, 2] gives
    # 2 and [2, 0.5] gives 8. Batch norm divides by sqrt(1 + 0.001).
    for head in HEADS:
        np.testing.assert_allclose(
            encoded[head], np.array([[[19.0], [1.0]], [[2.0], [8.0]]]) / np.sqrt(1.001), rtol=1e-6
        )


def test_members_begin_apart() -> None:
    encoded = TabmEncoder(HEADS, members=4, units=(8,))(np.ones((1, 20), np.float32))["click"]
    assert len(np.unique(np.asarray(encoded)[0], axis=0)) == 4


def test_a_saved_encoder_reloads(tmp_path: Path) -> None:
    check_reloads(TabmEncoder(HEADS, 3, (4, 2), 0.8, 0.1, sections=(2, 1)), tmp_path)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        TabmEncoder(HEADS)(np.ones((2, 3, 4), np.float32))


def test_a_single_member_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 2 members, not 1"):
        TabmEncoder(HEADS, members=1)
