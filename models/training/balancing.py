"""How the tasks' losses are balanced against each other: from the loss of each task to one gradient a variable.

A balancer is a class here with a method `gradients`, and an entry in `make_balancer`. `gradients` gets the model's
variables, and a function that computes one loss for each task. It opens the gradient tape itself, so it can weigh
losses, learn the weights, or combine the gradients of single tasks.

- `models/training/step.py` traces `gradients` into a graph. With one replica, XLA compiles it, so it may use only ops
  that XLA knows.
- With several replicas, it runs on each of them. The losses are then one replica's share: their sum over the replicas
  is the loss on the whole batch. The optimizer adds up the gradients of the replicas.
- The optimizer updates only the model's variables. A balancer with variables of its own makes them in `__init__` and
  updates them in `gradients`. With several replicas, `models/training/loop.py` must call `make_balancer` within
  `strategy.scope()`.
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
            losses: computes each task's loss on this replica's share of a batch, float32 `[heads]`; call it in a tape.
            variables: the model's trainable variables.
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
