"""Weights of the losses by which all of them fall at the same pace, without a gradient for each task."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.training.balancing.balancer import Balancer, Gradient, Losses, replicated, summed

_SMALLEST = 1e-8


class Famo(Balancer):
    """Fast adaptive multitask optimization: tasks whose log loss fell least get more weight.

        z = softmax(xi),    gradient = sum_t c z_t / L_t * gradient of L_t,    c = 1 / sum_t (z_t / L_t)
        xi_t <- xi_t - rate * (z_t (d_t - sum_u z_u d_u) + decay * xi_t),    d_t = log L_t - log L_t after the update

    Liu et al., "FAMO" (NeurIPS 2023), arXiv 2306.03792, algorithm 1. Both losses are those of the same batch, as in the
    paper, so a step costs one more forward pass. It draws new dropout masks. Softmax and sums are over the tasks that
    are present.

    Args:
        loss_weights: see `Balancer`. FAMO balances the logarithms of losses, so only a weight of 0
            has an effect.
        learning_rate: size of a step of `xi`.
        decay: of `xi`.
    """

    sees_update = True

    def __init__(self, loss_weights: np.ndarray, learning_rate: float, decay: float) -> None:
        super().__init__(loss_weights)
        self._rate, self._decay = learning_rate, decay
        self._logits = replicated(np.zeros(len(loss_weights), np.float32))
        self._before = replicated(np.ones(len(loss_weights), np.float32))
        self.state = (self._logits,)

    def gradients(
        self, losses: Losses, present: tf.Tensor, variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[Gradient]]:
        """The loss of each task, and the gradients of the weighted sum; remembers the losses."""
        with tf.GradientTape() as tape:
            by_task = losses()
            weighted = self._loss_weights * by_task
            (whole,) = summed([tf.stop_gradient(weighted)])
            shares = self._shares(self._active(present)) / tf.maximum(whole, _SMALLEST)
            weights = tf.math.divide_no_nan(shares, tf.reduce_sum(shares))
            total = tf.reduce_sum(tf.stop_gradient(weights) * weighted)
        self._before.assign(whole)
        return by_task, tape.gradient(total, variables)

    def after_update(self, losses: Losses, present: tf.Tensor) -> None:
        """Moves `xi`."""
        (whole,) = summed([self._loss_weights * losses()])
        active = self._active(present)
        shares = self._shares(active)
        fallen = tf.math.log(tf.maximum(self._before, _SMALLEST)) - tf.math.log(tf.maximum(whole, _SMALLEST))
        step = shares * (fallen - tf.reduce_sum(shares * fallen)) + active * self._decay * self._logits
        self._logits.assign_sub(self._rate * step)

    def weights(self) -> np.ndarray:
        """`z_t`, of all tasks; 0 for a task that does not learn."""
        weights: np.ndarray = self._shares(tf.cast(self._loss_weights > 0, tf.float32)).numpy()
        return weights

    def _shares(self, active: tf.Tensor) -> tf.Tensor:
        """`z_t`, 0 for a task that does not take part."""
        powers = active * tf.exp(self._logits - tf.reduce_max(self._logits))
        return tf.math.divide_no_nan(powers, tf.reduce_sum(powers))
