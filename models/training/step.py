"""Training steps, compiled: on one replica, or on several that share each batch."""

from collections.abc import Callable

import keras
import tensorflow as tf

from models.training.balancing import Balancer
from models.training.losses import MaskedLosses

Update = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
"""From the stacked ids, floats, labels, and source of several batches (`PreparedRows`) to losses float32 `[heads]`."""


def make_steps(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    losses: MaskedLosses,
    balancer: Balancer,
    strategy: tf.distribute.Strategy | None = None,
) -> Update:
    """A function that updates the model by several batches and returns the sum of their losses by task.

    It takes the batches stacked: ids `[batches, n, id_width]` and so on. The loop over them is in the graph, since a
    call from Python costs a noticeable part of a step.

    One replica's step is compiled with XLA, for training alone; the weights are ordinary ones. On a CPU, XLA gains by
    fusing Adam, batch norm, and the embedding's gradient. Several replicas exchange sums within a step, which XLA
    cannot do; each of them takes an equal share of each batch, and all together make the update of the whole batch.

    Args:
        model: the model, made in the scope of the strategy.
        optimizer: the optimizer, made in the same scope.
        losses: the loss of each task on a batch.
        balancer: makes gradients from the losses.
        strategy: the replicas; None for one.
    """
    strategy = strategy or tf.distribute.get_strategy()
    replicas = strategy.num_replicas_in_sync
    variables = model.trainable_variables
    with strategy.scope():
        optimizer.build(variables)

    def step(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        def by_task() -> tf.Tensor:
            logits = model({"ids": ids, "floats": floats}, training=True)
            return losses(logits, labels, source, _total if replicas > 1 else lambda value: value)

        values, gradients = balancer.gradients(by_task, [variable.value for variable in variables])
        # Keras's Adam makes an IndexedSlices gradient dense in each of its updates; once is enough.
        optimizer.apply([tf.convert_to_tensor(gradient) for gradient in gradients], variables)
        return values

    compiled = tf.function(step, jit_compile=True)

    def on_all(*batch: tf.Tensor) -> tf.Tensor:
        if replicas == 1:
            return compiled(*batch)
        values = strategy.run(lambda *whole: step(*(_share(part, replicas) for part in whole)), args=batch)
        return strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None)

    @tf.function(reduce_retracing=True)
    def steps(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        total = tf.zeros([len(losses.heads)])
        for batch in tf.range(tf.shape(source)[0]):
            total += on_all(ids[batch], floats[batch], labels[batch], source[batch])
        return total

    return steps


def _total(value: tf.Tensor) -> tf.Tensor:
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)


def _share(whole: tf.Tensor, replicas: int) -> tf.Tensor:
    """This replica's rows: every `replicas`-th one, so that each replica has rows of every source."""
    return whole[tf.distribute.get_replica_context().replica_id_in_sync_group :: replicas]
