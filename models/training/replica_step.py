"""One replica's part of a training step: it updates all weights except the embedding table."""

from collections.abc import Sequence
from functools import partial

import keras
import tensorflow as tf

from models.training.balancing.balancer import Balancer, Gradient
from models.training.losses import MaskedLosses


class ReplicaStep:
    """Trains on one replica's share of a batch.

    Its methods take the ids, floats, labels, and source of the share (`PreparedRows`). They are traced into graphs.

    Args:
        model: the model.
        weights: its weights that learn, without the embedding table.
        tables: the embedding table, if its rows learn; else empty.
        optimizer: of the weights.
        losses: the loss of each task on a batch.
        balancer: makes gradients from the losses.
        replicas: number of replicas that share each batch.
    """

    def __init__(
        self,
        model: keras.Model,
        weights: Sequence[keras.Variable],
        tables: Sequence[keras.Variable],
        optimizer: keras.optimizers.Optimizer,
        losses: MaskedLosses,
        balancer: Balancer,
        replicas: int,
    ) -> None:
        self._model, self._weights, self._tables = model, weights, tables
        self._optimizer, self._losses, self._balancer = optimizer, losses, balancer
        self._total = _sum_over_replicas if replicas > 1 else tf.identity

    def update(
        self, ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """Updates the weights.

        Returns:
            The loss of each task, float32 `[heads]`; for each table the rows that were looked up, int32 `[n]`, and
            their gradients, float32 `[n, dim]`.
        """
        variables = [variable.value for variable in (*self._weights, *self._tables)]
        by_task = partial(self._task_losses, ids, floats, labels, source)
        values, gradients = self._balancer.gradients(by_task, self._losses.present(source, self._total), variables)
        count = len(self._weights)
        self._optimizer.apply(gradients[:count], self._weights)
        by_row = [_by_row(gradient) for gradient in gradients[count:]]
        return values, [gradient.indices for gradient in by_row], [gradient.values for gradient in by_row]

    def after_update(self, ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> None:
        """Shows the balancer the losses of the same share after the update of all weights and the table."""
        statistics = [weight for layer in self._model.layers for weight in layer.non_trainable_weights]
        kept = [tf.identity(weight.value) for weight in statistics]
        by_task = partial(self._task_losses, ids, floats, labels, source)
        self._balancer.after_update(by_task, self._losses.present(source, self._total))
        for weight, value in zip(statistics, kept, strict=True):  # a batch counts once in batch norm's statistics
            weight.assign(value)

    def _task_losses(self, ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        logits = self._model({"ids": ids, "floats": floats}, training=True)
        return self._losses(logits, labels, source, self._total)


def _by_row(gradient: Gradient) -> tf.IndexedSlices:
    """A gradient for each row that was looked up; for all rows if it does not say which were."""
    if isinstance(gradient, tf.IndexedSlices):
        return gradient
    return tf.IndexedSlices(gradient, tf.range(tf.shape(gradient)[0]))


def _sum_over_replicas(value: tf.Tensor) -> tf.Tensor:
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)
