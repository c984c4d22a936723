"""GradNorm, as someone would add it to `models/training/balancing.py`: it uses all of a balancer's contract."""

from collections.abc import Callable, Sequence

import tensorflow as tf

RATE, ALPHA = 0.05, 1.5


class GradNorm:
    """Weights by which the gradients of tasks that learn slowly grow, and those of others shrink.

    Chen et al., "GradNorm" (ICML 2018), arXiv 1711.02257, with the sign of the weights' gradient in place of its size.
    """

    def __init__(self, heads: Sequence[str], shared: Sequence[tf.Variable]) -> None:
        self._shared = shared
        aggregation = tf.VariableAggregation.MEAN
        self.weights = tf.Variable(tf.ones(len(heads)), trainable=False, aggregation=aggregation)
        self.first = tf.Variable(tf.zeros(len(heads)), trainable=False, aggregation=aggregation)

    def gradients(
        self, losses: Callable[[], tf.Tensor], variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        weights = tf.convert_to_tensor(self.weights)
        with tf.GradientTape(persistent=True) as tape:
            by_task = losses()
            single = tf.unstack(by_task)
            total = tf.reduce_sum(weights * by_task)
        norms = tf.stack([tf.linalg.global_norm(_summed(tape.gradient(loss, self._shared))) for loss in single])
        whole = _summed([by_task])[0]
        self.first.assign(tf.where(self.first > 0, self.first, whole))  # a task without an example has loss 0
        progress = tf.math.divide_no_nan(whole, self.first)
        target = tf.reduce_mean(weights * norms) * tf.pow(progress / tf.reduce_mean(progress), ALPHA)
        moved = tf.maximum(weights - RATE * tf.sign(weights * norms - target), 0.0)
        self.weights.assign(moved * len(single) / tf.reduce_sum(moved))
        return by_task, tape.gradient(total, variables)


def _summed(values: list[tf.Tensor]) -> list[tf.Tensor]:
    """Sums over all replicas, if there are several."""
    if tf.distribute.get_strategy().num_replicas_in_sync == 1:
        return values
    return [tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value) for value in values]
