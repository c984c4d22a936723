from pathlib import Path

import numpy as np
import pytest

from models.encoders.dense import DenseEncoder
from tests.models.encoders.reloading import check_reloads

HEADS = ("click", "stream")


def test_every_head_reads_the_same_representation_by_hand() -> None:
    encoder = DenseEncoder(HEADS, units=(2,))
    encoder.build((None, 2))
    encoder.input_kernels[0].assign([[1.0, -1.0], [2.0, 0.5]])
    encoded = encoder(np.array([[1.0, 1.0]], np.float32))
    assert tuple(encoded) == HEADS
    for head in HEADS:  # x W = [3, -0.5]; batch norm divides by sqrt(1 + 0.001); ReLU cuts the second
        np.testing.assert_allclose(encoded[head], [[3.0 / np.sqrt(1.001), 0.0]], rtol=1e-6)


def test_each_dense_layer_is_followed_by_batch_norm() -> None:
    encoder = DenseEncoder(HEADS, units=(8, 4))
    encoder.build((None, 3))
    norms = ("gamma", "beta", "moving_mean", "moving_variance")
    assert [weight.path for weight in encoder.weights] == [
        f"encoder/stack/{name}"
        for index in range(2)
        for name in (f"dense_{index}/kernel", *(f"norm_{index}/{norm}" for norm in norms))
    ]


def test_a_saved_encoder_reloads(tmp_path: Path) -> None:
    check_reloads(DenseEncoder(HEADS, (4, 2), 0.8, 0.1), tmp_path)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        DenseEncoder(HEADS)(np.ones((2, 3, 4), np.float32))


def test_without_batch_norm_each_layer_has_a_bias(tmp_path: Path) -> None:
    encoder = DenseEncoder(HEADS, units=(2,), dropout=0.0, batch_norm=False)
    encoder.build((None, 1))
    kernel, bias = encoder.stack.trainable_variables
    kernel.assign([[2.0, -1.0]])
    bias.assign([0.5, 4.0])
    z = encoder(np.float32([[1.0], [5.0]]), training=True)["click"]  # relu(x W + b), the same in training and after
    np.testing.assert_allclose(z, [[2.5, 3.0], [10.5, 0.0]])
    assert not encoder.stack.non_trainable_variables
    check_reloads(DenseEncoder(HEADS, (4, 2), 0.8, 0.1, batch_norm=False), tmp_path)
