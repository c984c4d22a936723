"""The masked multi-task loss (docs/model.md#loss): `L = sum_t lambda_t * E[ m(s, t) * BCE(y_t, p_t) ]`.

The mask is data: the column `trained_on` of models/tasks.py. Losses are computed a task at a time and only then
weighed, so that what balances tasks against each other has them apart.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from models.config import MeanOver
from models.tasks import TASKS
from transforms.labels import SOURCES


def loss_mask(heads: Sequence[str]) -> np.ndarray:
    """`m(s, t)` as float32 `[sources, heads]`: 1 where an example of the source updates the head, else 0."""
    return np.array([[source in TASKS[head].trained_on for head in heads] for source in SOURCES], np.float32)


def loss_weights(heads: Sequence[str], weights: Mapping[str, float]) -> np.ndarray:
    """`lambda_t` as float32 `[heads]`, 1 for a head without an entry."""
    return np.array([weights.get(head, 1.0) for head in heads], np.float32)


def task_losses(logits: tf.Tensor, labels: tf.Tensor, allowed: tf.Tensor, mean_over: MeanOver) -> tf.Tensor:
    """Each task's binary cross-entropy in nats, masked examples contributing 0.

    Args:
        logits: float32 `[n, heads]`.
        labels: float32 `[n, heads]`, 0 or 1.
        allowed: float32 `[n, heads]`, `m(s, t)` of each example.
        mean_over: `batch` divides by n, masked examples included; `allowed` by the number of allowed ones.

    Returns:
        float32 `[heads]`; 0 for a task without an allowed example.
    """
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    total = tf.reduce_sum(entropy * allowed, axis=0)
    if mean_over == "batch":
        return total / tf.cast(tf.shape(logits)[0], logits.dtype)
    return total / tf.maximum(tf.reduce_sum(allowed, axis=0), 1.0)
