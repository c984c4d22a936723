import math

import numpy as np
import pytest
import tensorflow as tf

from models.tasks import TASKS
from models.training.losses import loss_mask, loss_weights, task_losses

HEADS = ("promotion_stream", "ad_stream")
LOGITS = tf.constant([[0.0, math.log(3.0)], [math.log(4.0), 0.0]])
LABELS = tf.constant([[1.0, 0.0], [1.0, 1.0]])
PROMOTION, AD = 0, 1


def allowed(*sources: int) -> tf.Tensor:
    return tf.gather(tf.constant(loss_mask(HEADS)), sources)


def test_the_mask_is_the_column_trained_on() -> None:
    np.testing.assert_array_equal(loss_mask(tuple(TASKS)), [[1, 1, 1, 1, 1], [0, 1, 1, 1, 1]])


def test_a_masked_example_counts_in_the_mean_as_zero() -> None:
    losses = task_losses(LOGITS, LABELS, allowed(PROMOTION, AD), "batch")
    # promotion_stream: p = 1/2, y = 1; the ad is masked. ad_stream: p = 3/4, y = 0 and p = 1/2, y = 1.
    np.testing.assert_allclose(losses, [math.log(2) / 2, (math.log(4) + math.log(2)) / 2], rtol=1e-6)


def test_the_mean_can_be_over_the_allowed_examples() -> None:
    losses = task_losses(LOGITS, LABELS, allowed(PROMOTION, AD), "allowed")
    np.testing.assert_allclose(losses, [math.log(2), (math.log(4) + math.log(2)) / 2], rtol=1e-6)


def test_both_means_agree_where_everything_is_allowed() -> None:
    expected = [(math.log(2) + math.log(5 / 4)) / 2, (math.log(4) + math.log(2)) / 2]
    for mean_over in ("batch", "allowed"):
        np.testing.assert_allclose(
            task_losses(LOGITS, LABELS, allowed(PROMOTION, PROMOTION), mean_over), expected, rtol=1e-6
        )


@pytest.mark.parametrize("mean_over", ["batch", "allowed"])
def test_a_batch_with_no_allowed_example_gives_zero_loss_and_zero_gradient(mean_over: str) -> None:
    with tf.GradientTape() as tape:
        tape.watch(LOGITS)
        losses = task_losses(LOGITS, LABELS, allowed(AD, AD), mean_over)  # type: ignore[arg-type]
    assert float(losses[0]) == 0.0
    np.testing.assert_array_equal(tape.gradient(losses, LOGITS)[:, 0], [0.0, 0.0])


def test_weights_are_one_unless_named() -> None:
    np.testing.assert_array_equal(loss_weights(HEADS, {"ad_stream": 0.25}), [1.0, 0.25])
