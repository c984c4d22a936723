from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.encoders.ple import PleEncoder
from tests.models.encoders.reloading import check_reloads

HEADS = ("click", "stream")
NORM = 1 / np.sqrt(1.001)
"""The factor of batch norm for a variance of 1, with Keras's epsilon of 0.001."""


def with_kernels(encoder: PleEncoder, width: int, kernels: dict[str, list[list[float]]]) -> PleEncoder:
    """Builds the encoder with these kernels by layer; those of other layers are 0."""
    encoder.build((None, width))
    named = {weight.path: weight for weight in encoder.weights if weight.name == "kernel"}
    for weight in named.values():
        weight.assign(np.zeros(weight.shape))
    for layer, kernel in kernels.items():
        path = f"encoder/{layer}/dense_0/kernel" if "/experts" in layer or "/shared_experts" in layer else ""
        named[path or f"encoder/{layer}/kernel"].assign(kernel)
    return encoder


def test_one_level_mixes_each_head_s_expert_and_the_shared_one_by_hand() -> None:
    kernels = {
        "level_1/shared_experts": [[1.0], [0.0]],
        "level_1/experts_click": [[0.0], [1.0]],
        "level_1/experts_stream": [[1.0], [1.0]],
        "level_1/gate_stream": [[0.0, np.log(3.0)], [0.0, 0.0]],
    }
    encoder = with_kernels(PleEncoder(HEADS, 1, 1, units=(1,)), 2, kernels)
    encoded = encoder(np.array([[1.0, 5.0]], np.float32))
    assert tuple(encoded) == HEADS
    # The shared expert gives 1, that of click 5, that of stream 6. The gates are (1/2, 1/2) and (1/4, 3/4).
    np.testing.assert_allclose(encoded["click"], [[3.0 * NORM]], rtol=1e-6)
    np.testing.assert_allclose(encoded["stream"], [[2.25 * NORM]], rtol=1e-6)


def test_the_next_level_reads_the_mixtures_by_hand() -> None:
    kernels = {
        "level_1/shared_experts": [[1.0], [0.0]],
        "level_1/experts_click": [[0.0], [1.0]],
        "level_1/experts_stream": [[1.0], [1.0]],
        "level_1/gate_stream": [[0.0, np.log(3.0)], [0.0, 0.0]],
        "level_2/shared_experts": [[2.0]],
        "level_2/experts_click": [[1.0]],
        "level_2/experts_stream": [[4.0]],
        "level_2/gate_stream": [[np.log(2.0) / (2.25 * NORM), 0.0]],
    }
    encoder = with_kernels(PleEncoder(HEADS, 1, 1, units=(1, 1)), 2, kernels)
    encoded = encoder(np.array([[1.0, 5.0]], np.float32))
    # The first level gives click 3 and stream 2.25 as above. The shared gate weighs its experts equally, so it gives
    # (1 + 5 + 6) / 3 = 4. Then the shared expert gives 8, that of click 3, that of stream 9. Stream has (2/3, 1/3).
    np.testing.assert_allclose(encoded["click"], [[5.5 * NORM**2]], rtol=1e-5)
    np.testing.assert_allclose(encoded["stream"], [[(2 / 3 * 9.0 + 1 / 3 * 8.0) * NORM**2]], rtol=1e-5)


def test_several_experts_of_a_head_are_apart_by_hand() -> None:
    kernels = {"level_1/experts_click": [[1.0, 2.0, 3.0, 4.0]], "level_1/shared_experts": [[5.0, 6.0]]}
    encoder = with_kernels(PleEncoder(HEADS, 1, 2, units=(2,)), 1, kernels)
    encoded = encoder(np.ones((1, 1), np.float32))
    # Click has the experts (1, 2) and (3, 4), and the shared one gives (5, 6). Those of stream give 0.
    np.testing.assert_allclose(encoded["click"], [[3.0 * NORM, 4.0 * NORM]], rtol=1e-6)
    np.testing.assert_allclose(encoded["stream"], [[5.0 / 3 * NORM, 2.0 * NORM]], rtol=1e-6)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_the_loss_of_a_head_leaves_the_last_experts_of_the_others_alone(levels: int) -> None:
    encoder = PleEncoder(HEADS, units=(4,) * levels, dropout=0.0)
    x = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
    encoder.build(x.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(encoder(x, training=True)["click"] ** 2)
    weights = [weight for weight in encoder.trainable_variables if weight.name == "kernel"]
    gradients = tape.gradient(loss, [weight.value for weight in weights], unconnected_gradients="zero")
    moved = {
        weight.path.removeprefix("encoder/")
        for weight, gradient in zip(weights, gradients, strict=True)
        if np.abs(gradient).max() > 0
    }
    of_stream = {weight.path.removeprefix("encoder/") for weight in weights if "stream" in weight.path}
    below = {path for path in of_stream if f"level_{levels}" not in path}
    # Below the last level, the experts of stream reach click through the shared gate. On the level before the last, the
    # gate of stream leads to the experts of stream only.
    next_to_last = {path for path in below if path == f"level_{levels - 1}/gate_stream/kernel"}
    assert moved & of_stream == below - next_to_last
    assert {weight.path.removeprefix("encoder/") for weight in weights} - of_stream <= moved


def test_a_saved_encoder_reloads(tmp_path: Path) -> None:
    check_reloads(PleEncoder(HEADS, 2, 3, (4, 2), 0.8, 0.1, "swish", sections=(2, 1)), tmp_path)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        PleEncoder(HEADS)(np.ones((2, 3, 4), np.float32))
