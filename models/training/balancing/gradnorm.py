"""Weights of the losses by the norms of their gradients."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.training.balancing.balancer import Balancer, Gradient, Losses, active_mean, replicated, summed


class GradNorm(Balancer):
    """Weights by which the gradients of tasks that learn slowly grow, and those of others shrink.

        n_t = |gradient of L_t by the shared weights|,    r_t = (L_t / first L_t) / mean of (L / first L)
        w_t <- w_t - rate * sign(w_t n_t - mean(w n) r_t^alpha) * n_t / mean(w n),    then w_t is scaled to sum(w) = T

    Chen et al., "GradNorm" (ICML 2018), arXiv 1711.02257, algorithm 1. The step is the gradient of its loss of norms.
    We divide it by the mean norm, so that the rate means the same for losses of any size. Means and scale are over the
    tasks that are present. The first loss of a task is that of the first batch in which it is.

    Args:
        loss_weights: see `Balancer`.
        shared: the weights by which norms are taken.
        learning_rate: size of a step of the weights.
        alpha: how strongly a task that learns slowly is pulled.
    """

    def __init__(
        self, loss_weights: np.ndarray, shared: Sequence[tf.Variable], learning_rate: float, alpha: float
    ) -> None:
        super().__init__(loss_weights)
        self._shared, self._rate, self._alpha = shared, learning_rate, alpha
        self._weights = replicated(np.ones(len(loss_weights), np.float32))
        self._first = replicated(np.zeros(len(loss_weights), np.float32))
        self.state = (self._weights, self._first)

    def gradients(
        self, losses: Losses, present: tf.Tensor, variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[Gradient]]:
        """The loss of each task, and the gradients of the weighted sum; updates the weights."""
        weights = tf.convert_to_tensor(self._weights)
        with tf.GradientTape(persistent=True) as tape:
            by_task = losses()
            weighted = self._loss_weights * by_task
            single = tf.unstack(weighted)
            total = tf.reduce_sum(weights * weighted)
        by_weight = [tape.gradient(loss, self._shared, unconnected_gradients="zero") for loss in single]
        norms = tf.stack([tf.linalg.global_norm(summed(gradients)) for gradients in by_weight])
        (whole,) = summed([tf.stop_gradient(weighted)])
        self._learn(weights, norms, whole, self._active(present))
        return by_task, tape.gradient(total, variables)

    def weights(self) -> np.ndarray:
        """`w_t`; 0 for a task that does not learn."""
        weights: np.ndarray = np.where(self._loss_weights.numpy() > 0, self._weights.numpy(), 0.0)
        return weights

    def _learn(self, weights: tf.Tensor, norms: tf.Tensor, whole: tf.Tensor, active: tf.Tensor) -> None:
        first = tf.where((self._first > 0) | (active == 0), self._first, whole)
        progress = tf.math.divide_no_nan(whole, first)
        pace = tf.math.divide_no_nan(progress, active_mean(progress, active))
        mean = active_mean(weights * norms, active)
        pull = tf.sign(weights * norms - mean * tf.pow(pace, self._alpha))
        moved = tf.maximum(weights - self._rate * pull * tf.math.divide_no_nan(norms, mean), 0.0)
        scale = tf.math.divide_no_nan(tf.reduce_sum(weights * active), tf.reduce_sum(moved * active))
        self._weights.assign(tf.where((active > 0) & (scale > 0), moved * scale, weights))
        self._first.assign(first)
