"""Training steps, compiled: on one replica, or on several that share each batch."""

from collections.abc import Callable

import keras
import tensorflow as tf

from models.network import embedding_table
from models.training.averaging import WeightAverage
from models.training.balancing.balancer import Balancer
from models.training.losses import MaskedLosses
from models.training.replica_step import ReplicaStep
from models.training.row_adam import RowAdam, Touched

Update = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
"""From the stacked ids, floats, labels, and source of several batches (`PreparedRows`) to losses float32 `[heads]`."""


def make_steps(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    row_optimizer: RowAdam | None,
    losses: MaskedLosses,
    balancer: Balancer,
    strategy: tf.distribute.Strategy | None = None,
    average: WeightAverage | None = None,
) -> Update:
    """A function that updates the model by several batches and returns the sum of their losses by task.

    It takes the batches stacked: ids `[batches, n, id_width]` and so on. The loop over them is in the graph, since a
    call from Python costs a noticeable part of a step.

    The embedding table is updated after the compiled step (`_Replicas`), which gives a gradient for each id of the
    batch and only reads the table: XLA would copy the whole table to change some of its rows. After that, a balancer
    may see the update; this is compiled on its own.

    Args:
        model: the model, made in the scope of the strategy.
        optimizer: of all weights except the embedding table, made in the same scope.
        row_optimizer: of the embedding table; None if the model has none, or a frozen one.
        losses: the loss of each task on a batch.
        balancer: makes gradients from the losses.
        strategy: the replicas; None for one.
        average: is updated after each step; None for no average.
    """
    strategy = strategy or tf.distribute.get_strategy()
    table = embedding_table(model)
    weights = [variable for variable in model.trainable_variables if variable is not table]
    with strategy.scope():
        optimizer.build(weights)
    tables = [table] if row_optimizer is not None else []
    count = strategy.num_replicas_in_sync
    replicas = _Replicas(ReplicaStep(model, weights, tables, optimizer, losses, balancer, count), strategy)

    @tf.function(reduce_retracing=True)
    def steps(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        summed = tf.zeros([len(losses.heads)])
        for batch in tf.range(tf.shape(source)[0]):
            values, indices, gradients = replicas.update(ids[batch], floats[batch], labels[batch], source[batch])
            summed += values
            if row_optimizer is None:
                _update_average(average, None)
            elif row_optimizer.learns:
                _update_average(average, row_optimizer.apply(indices[0], gradients[0], strategy))
            else:
                _update_average(average, None)
            if balancer.sees_update:
                replicas.after_update(ids[batch], floats[batch], labels[batch], source[batch])
        return summed

    return steps


class _Replicas:
    """The step of all replicas on a whole batch; its methods take what those of `ReplicaStep` take.

    One replica's step is compiled with XLA, for training alone; the weights are ordinary ones. On a CPU, XLA gains by
    fusing Adam and batch norm. Several replicas exchange sums within a step, which XLA cannot do; each of them takes an
    equal share of each batch, and all together make the update of the whole batch.
    """

    def __init__(self, step: ReplicaStep, strategy: tf.distribute.Strategy) -> None:
        self._step, self._strategy = step, strategy
        self._count = strategy.num_replicas_in_sync
        self._update = tf.function(step.update, jit_compile=True)
        self._after_update = tf.function(step.after_update, jit_compile=True)

    def update(self, *batch: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """Updates the weights; returns the sum of the losses, and the rows and gradients of all replicas in turn."""
        if self._count == 1:
            return self._update(*batch)
        values, *by_row = self._strategy.run(lambda *whole: self._step.update(*self._shares(whole)), args=batch)
        indices, gradients = (
            [tf.concat(self._strategy.experimental_local_results(part), 0) for part in parts] for parts in by_row
        )
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None), indices, gradients

    def after_update(self, *batch: tf.Tensor) -> None:
        """Calls `ReplicaStep.after_update` on every replica."""
        if self._count == 1:
            self._after_update(*batch)
        else:
            self._strategy.run(lambda *whole: self._step.after_update(*self._shares(whole)), args=batch)

    def _shares(self, batch: tuple[tf.Tensor, ...]) -> list[tf.Tensor]:
        """This replica's rows: every `count`-th one, so that each replica has rows of every source."""
        own = tf.distribute.get_replica_context().replica_id_in_sync_group
        return [whole[own :: self._count] for whole in batch]


def _update_average(average: WeightAverage | None, touched: Touched | None) -> None:
    if average is not None:
        average.update(touched)
