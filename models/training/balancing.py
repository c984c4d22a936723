"""How the tasks' losses are balanced against each other: from the loss of each task to one gradient a variable.

A balancer is a class here with a method `gradients`, and an entry in `make_balancer`. It gets the losses apart and
opens the gradient tape itself. So it can weigh losses, learn the weights, or combine the gradients of single tasks.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import tensorflow as tf

from models.config import TrainerConfig


class Balancer(Protocol):
    """Turns the losses of the tasks into gradients."""

    def gradients(
        self, losses: Callable[[], tf.Tensor], variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The loss of each task, and a gradient for each variable.

        Args:
            losses: computes the losses of the tasks on one batch, float32 `[heads]`; call it within a tape.
            variables: the variables to be updated.
        """


class FixedWeights:
    """A weighted sum with constant weights: `L = sum_t lambda_t * L_t`.

    Args:
        weights: `lambda_t`, float32 `[heads]`.
    """

    def __init__(self, weights: np.ndarray) -> None:
        self._weights = tf.constant(weights)

    def gradients(
        self, losses: Callable[[], tf.Tensor], variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The loss of each task, and the gradients of the weighted sum."""
        with tf.GradientTape() as tape:
            by_task = losses()
            total = tf.reduce_sum(self._weights * by_task)
        return by_task, tape.gradient(total, variables)


def make_balancer(heads: Sequence[str], config: TrainerConfig) -> Balancer:
    """The balancer of the config."""
    return FixedWeights(fixed_weights(heads, config.loss_weights))


def fixed_weights(heads: Sequence[str], weights: Mapping[str, float]) -> np.ndarray:
    """`lambda_t` as float32 `[heads]`, 1 for a head without an entry."""
    return np.array([weights.get(head, 1.0) for head in heads], np.float32)
