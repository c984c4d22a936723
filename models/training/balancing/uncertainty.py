"""Weights of the losses by homoscedastic uncertainty."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.training.balancing.balancer import Balancer, Gradient, Losses, replicated, summed


class UncertaintyWeights(Balancer):
    """Learns the noise of each task, and weighs its loss by the inverse of the variance.

        L = sum_t exp(-s_t) L_t + s_t / 2,    s_t <- s_t - rate * (1 / 2 - exp(-s_t) L_t),    s_t = log sigma_t^2

    Kendall, Gal, and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses" (CVPR 2018), arXiv 1705.07115,
    equation 10 for classification. The log variances start at 0, and descend by plain gradient steps. The sum runs over
    the tasks that are present.

    Args:
        loss_weights: see `Balancer`.
        learning_rate: size of a step of the log variances.
    """

    def __init__(self, loss_weights: np.ndarray, learning_rate: float) -> None:
        super().__init__(loss_weights)
        self._rate = learning_rate
        self._log_variances = replicated(np.zeros(len(loss_weights), np.float32))
        self.state = (self._log_variances,)

    def gradients(
        self, losses: Losses, present: tf.Tensor, variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[Gradient]]:
        """The loss of each task, and the gradients of the weighted sum; updates the log variances."""
        log_variances = tf.convert_to_tensor(self._log_variances)
        weights = tf.exp(-log_variances)
        with tf.GradientTape() as tape:
            by_task = losses()
            weighted = self._loss_weights * by_task
            total = tf.reduce_sum(weights * weighted)
        (whole,) = summed([tf.stop_gradient(weighted)])
        step = self._active(present) * (0.5 - weights * whole)
        self._log_variances.assign(log_variances - self._rate * step)
        return by_task, tape.gradient(total, variables)

    def weights(self) -> np.ndarray:
        """`exp(-s_t)`; 0 for a task that does not learn."""
        weights: np.ndarray = np.where(self._loss_weights.numpy() > 0, np.exp(-self._log_variances.numpy()), 0.0)
        return weights
