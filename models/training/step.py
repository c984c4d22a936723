"""Training steps, compiled: on one replica, or on several that share each batch."""

from collections.abc import Callable
from functools import partial

import keras
import tensorflow as tf

from models.network import embedding_table
from models.training.averaging import WeightAverage
from models.training.balancing.balancer import Balancer, Gradient
from models.training.losses import MaskedLosses
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

    One replica's step is compiled with XLA, for training alone; the weights are ordinary ones. On a CPU, XLA gains by
    fusing Adam and batch norm. Several replicas exchange sums within a step, which XLA cannot do; each of them takes an
    equal share of each batch, and all together make the update of the whole batch.

    The embedding table is updated after the compiled step, which gives a gradient for each id of the batch and only
    reads the table: XLA would copy the whole table to change some of its rows. What a balancer does after the update
    is compiled on its own, to run after that.

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
    replicas = strategy.num_replicas_in_sync
    table = embedding_table(model)
    tables = [table] if row_optimizer is not None else []
    weights = [variable for variable in model.trainable_variables if variable is not table]
    with strategy.scope():
        optimizer.build(weights)

    total = _total if replicas > 1 else tf.identity

    def task_losses(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        return losses(model({"ids": ids, "floats": floats}, training=True), labels, source, total)

    def step(
        ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        variables = [variable.value for variable in (*weights, *tables)]
        by_task = partial(task_losses, ids, floats, labels, source)
        values, gradients = balancer.gradients(by_task, losses.present(source, total), variables)
        optimizer.apply(gradients[: len(weights)], weights)
        by_row = [_by_row(gradient) for gradient in gradients[len(weights) :]]
        return values, [gradient.indices for gradient in by_row], [gradient.values for gradient in by_row]

    def see_update(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> None:
        statistics = [weight for layer in model.layers for weight in layer.non_trainable_weights]
        kept = [tf.identity(weight.value) for weight in statistics]
        balancer.after_update(partial(task_losses, ids, floats, labels, source), losses.present(source, total))
        for weight, value in zip(statistics, kept, strict=True):  # a batch counts once in batch norm's statistics
            weight.assign(value)

    compiled = tf.function(step, jit_compile=True)
    compiled_see_update = tf.function(see_update, jit_compile=True)

    def on_all(*batch: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        if replicas == 1:
            return compiled(*batch)
        values, *by_row = strategy.run(lambda *whole: step(*(_share(part, replicas) for part in whole)), args=batch)
        indices, gradients = (
            [tf.concat(strategy.experimental_local_results(part), 0) for part in parts] for parts in by_row
        )
        return strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None), indices, gradients

    def see_update_on_all(*batch: tf.Tensor) -> None:
        if replicas == 1:
            compiled_see_update(*batch)
        else:
            strategy.run(lambda *whole: see_update(*(_share(part, replicas) for part in whole)), args=batch)

    def update_average(touched: Touched | None) -> None:
        if average is not None:
            average.update(touched)

    @tf.function(reduce_retracing=True)
    def steps(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        summed = tf.zeros([len(losses.heads)])
        for batch in tf.range(tf.shape(source)[0]):
            values, indices, gradients = on_all(ids[batch], floats[batch], labels[batch], source[batch])
            summed += values
            if row_optimizer is None:
                update_average(None)
            elif row_optimizer.learns:
                update_average(row_optimizer.apply(indices[0], gradients[0], strategy))
            else:
                update_average(None)
            if balancer.sees_update:
                see_update_on_all(ids[batch], floats[batch], labels[batch], source[batch])
        return summed

    return steps


def _by_row(gradient: Gradient) -> tf.IndexedSlices:
    """A gradient for each row that was looked up; for all rows if it does not say which were."""
    if isinstance(gradient, tf.IndexedSlices):
        return gradient
    return tf.IndexedSlices(gradient, tf.range(tf.shape(gradient)[0]))


def _total(value: tf.Tensor) -> tf.Tensor:
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)


def _share(whole: tf.Tensor, replicas: int) -> tf.Tensor:
    """This replica's rows: every `replicas`-th one, so that each replica has rows of every source."""
    return whole[tf.distribute.get_replica_context().replica_id_in_sync_group :: replicas]
