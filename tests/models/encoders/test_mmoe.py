from pathlib import Path

import numpy as np
import pytest

from models.encoders.mmoe import MmoeEncoder
from tests.models.encoders.reloading import check_reloads

HEADS = ("click", "stream")


def test_each_head_mixes_the_experts_by_its_own_gate_by_hand() -> None:
    encoder = MmoeEncoder(HEADS, experts=2, units=(1,))
    encoder.build((None, 2))
    first, second, click, stream = encoder.input_kernels
    first.assign([[1.0], [0.0]])
    second.assign([[0.0], [1.0]])
    click.assign([[0.0, 0.0], [0.0, 0.0]])
    stream.assign([[0.0, np.log(3.0)], [0.0, 0.0]])
    encoded = encoder(np.array([[1.0, 5.0]], np.float32))
    # The experts give 1 and 5, divided by sqrt(1 + 0.001) in batch norm. The gates are (1/2, 1/2) and (1/4, 3/4).
    np.testing.assert_allclose(encoded["click"], [[3.0 / np.sqrt(1.001)]], rtol=1e-6)
    np.testing.assert_allclose(encoded["stream"], [[4.0 / np.sqrt(1.001)]], rtol=1e-6)


def test_an_expert_may_end_in_swish_by_hand() -> None:
    encoder = MmoeEncoder(HEADS, experts=1, units=(1, 1), output_activation="swish")
    encoder.build((None, 2))
    for weight in encoder.weights:
        if weight.name == "kernel":
            weight.assign(np.full(weight.shape, -1.0 if "dense_1" in weight.path else 1.0))
    encoded = encoder(np.array([[1.0, 2.0], [1.0, -2.0]], np.float32))["click"]
    # The first layer gives relu(3) and relu(-1), the second -3 and 0. Batch norm divides by sqrt(1 + 0.001) each time.
    z = -3.0 / 1.001
    np.testing.assert_allclose(encoded, [[z / (1 + np.exp(-z))], [0.0]], rtol=1e-5)


def test_experts_begin_with_weights_of_their_own() -> None:
    encoder = MmoeEncoder(HEADS, experts=2, units=(4,))
    encoder.build((None, 3))
    first, second = encoder.input_kernels[:2]
    assert np.abs(first.numpy() - second.numpy()).max() > 0.01


def test_a_saved_encoder_reloads(tmp_path: Path) -> None:
    check_reloads(MmoeEncoder(HEADS, 3, (4, 2), 0.8, 0.1, "swish"), tmp_path)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        MmoeEncoder(HEADS)(np.ones((2, 3, 4), np.float32))
