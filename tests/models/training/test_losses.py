import math

import numpy as np
import pytest
import tensorflow as tf

from models.tasks import Task
from models.training.losses import MaskedLosses, loss_mask, task_losses
from tests.models.prepared import RECIPES

TASKS = RECIPES["joint"].tasks
SOURCES = ("promotion", "ad")
LOGITS = tf.constant([[0.0, math.log(3.0)], [math.log(4.0), 0.0]])
LABELS = tf.constant([[1.0, 0.0], [1.0, 1.0]])
PROMOTION, AD = 0, 1


def allowed(*sources: int) -> tf.Tensor:
    return tf.gather(tf.constant(loss_mask(TASKS[:2], SOURCES)), sources)


def test_the_mask_is_the_column_trained_on() -> None:
    np.testing.assert_array_equal(loss_mask(TASKS, SOURCES), [[1, 1, 1, 1, 1], [0, 1, 1, 1, 1]])
    email = Task(name="email_stream", label="stream", trained_on=("email", "ad"), read_on=("email",))
    np.testing.assert_array_equal(loss_mask([email], ("ad", "promotion", "email")), [[1], [0], [1]])


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


def test_losses_find_labels_and_sources_by_name() -> None:
    losses = MaskedLosses(
        RECIPES["promotions_only"], ("follow", "like", "click", "stream"), ("ad", "promotion"), "batch"
    )
    logits = dict.fromkeys(RECIPES["promotions_only"].heads, tf.constant([math.log(3.0), 0.0]))
    labels = tf.constant([[1, 0, 0, 1], [0, 0, 0, 0]], tf.int8)
    # The second example is an ad, which only the stream head masks. First: -log 3/4 where y = 1, else -log 1/4.
    hit, miss, ad = math.log(4 / 3), math.log(4), math.log(2)
    expected = [hit / 2, (miss + ad) / 2, (miss + ad) / 2, (hit + ad) / 2]
    np.testing.assert_allclose(losses(logits, labels, tf.constant([1, 0], tf.int8)), expected, rtol=1e-6)


@pytest.mark.parametrize(("mean_over", "counts"), [("batch", [4, 4]), ("allowed", [2, 4])])
def test_replicas_add_up_to_the_mean_over_the_global_batch(mean_over: str, counts: list[int]) -> None:
    whole = task_losses(LOGITS, LABELS, allowed(PROMOTION, AD), mean_over)  # type: ignore[arg-type]
    halves = [
        task_losses(
            LOGITS[row : row + 1],
            LABELS[row : row + 1],
            allowed(PROMOTION, AD)[row : row + 1],
            mean_over,  # type: ignore[arg-type]
            total=lambda count: tf.constant(counts, tf.float32) / 2.0,
        )
        for row in (0, 1)
    ]
    np.testing.assert_allclose(halves[0] + halves[1], whole, rtol=1e-6)
