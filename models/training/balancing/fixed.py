"""Constant weights of the losses."""

from collections.abc import Sequence

import tensorflow as tf

from models.training.balancing.balancer import Balancer, Gradient, Losses


class FixedWeights(Balancer):
    """A weighted sum with constant weights: `L = sum_t lambda_t * L_t`."""

    def gradients(
        self, losses: Losses, present: tf.Tensor, variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[Gradient]]:
        """The loss of each task, and the gradients of the weighted sum."""
        del present  # a loss without examples is 0
        with tf.GradientTape() as tape:
            by_task = losses()
            total = tf.reduce_sum(self._loss_weights * by_task)
        return by_task, tape.gradient(total, variables)
