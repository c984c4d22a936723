"""The masked loss of each task (docs/model.md#loss): `L_t = E[ m(s, t) * BCE(y_t, p_t) ]`.

The mask is data: the column `trained_on` of the tasks. `balancing/` makes one step of all tasks' losses.
"""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from models.config import MeanOver
from models.recipes import Recipe
from models.tasks import Task


class MaskedLosses:
    """The loss of each task on a batch.

    Args:
        recipe: gives the tasks.
        label_names: the columns of the labels.
        source_names: the sources that codes count.
        mean_over: the examples that a mean is over, see `task_losses`.
    """

    def __init__(
        self, recipe: Recipe, label_names: Sequence[str], source_names: Sequence[str], mean_over: MeanOver
    ) -> None:
        self.heads = recipe.heads
        self._columns = [label_names.index(task.label) for task in recipe.tasks]
        self._mask = tf.constant(loss_mask(recipe.tasks, source_names))
        self._mean_over = mean_over

    def __call__(
        self,
        logits: dict[str, tf.Tensor],
        labels: tf.Tensor,
        source: tf.Tensor,
        total: Callable[[tf.Tensor], tf.Tensor] = lambda value: value,
    ) -> tf.Tensor:
        """The losses in nats, float32 `[heads]`.

        Args:
            logits: float32 `[n]` by head; `[n, members]` of an ensemble.
            labels: int8 `[n, labels]`.
            source: int8 `[n]`.
            total: sums a value over all replicas; see `task_losses`.
        """
        return task_losses(
            tf.stack([logits[head] for head in self.heads], axis=1),
            tf.cast(tf.gather(labels, self._columns, axis=1), tf.float32),
            tf.gather(self._mask, tf.cast(source, tf.int32)),
            self._mean_over,
            total,
        )

    def present(self, source: tf.Tensor, total: Callable[[tf.Tensor], tf.Tensor] = lambda value: value) -> tf.Tensor:
        """Whether the mask allows an example of the batch for each task, bool `[heads]`.

        Args:
            source: int8 `[n]`.
            total: sums a value over all replicas.
        """
        return total(tf.reduce_sum(tf.gather(self._mask, tf.cast(source, tf.int32)), axis=0)) > 0


def loss_mask(tasks: Sequence[Task], sources: Sequence[str]) -> np.ndarray:
    """`m(s, t)` as float32 `[sources, tasks]`: 1 where an example of the source updates the head, else 0."""
    return np.array([[source in task.trained_on for task in tasks] for source in sources], np.float32)


def task_losses(
    logits: tf.Tensor,
    labels: tf.Tensor,
    allowed: tf.Tensor,
    mean_over: MeanOver,
    total: Callable[[tf.Tensor], tf.Tensor] = lambda value: value,
) -> tf.Tensor:
    """Each task's binary cross-entropy in nats; masked examples contribute 0. For an ensemble, the members' mean.

    Args:
        logits: float32 `[n, heads]`, or `[n, heads, members]`.
        labels: float32 `[n, heads]`, 0 or 1.
        allowed: float32 `[n, heads]`, `m(s, t)` of each example.
        mean_over: `batch` divides by the number of examples, masked ones included; `allowed` by that of allowed ones.
        total: sums a number of examples over all replicas, so that the losses of all replicas add up to the mean over
            the global batch.

    Returns:
        float32 `[heads]`; 0 for a task without an allowed example.
    """
    if logits.shape.rank == 3:
        labels = tf.broadcast_to(labels[:, :, None], tf.shape(logits))
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    if logits.shape.rank == 3:
        entropy = tf.reduce_mean(entropy, axis=2)
    sums = tf.reduce_sum(entropy * allowed, axis=0)
    if mean_over == "batch":
        return sums / total(tf.cast(tf.shape(logits)[0], logits.dtype))
    return sums / tf.maximum(total(tf.reduce_sum(allowed, axis=0)), 1.0)
