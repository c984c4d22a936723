"""How the tasks' losses are balanced against each other: from the loss of each task to one gradient a variable.

A balancer is a class here with a method `gradients`, and an entry in `make_balancer`. `gradients` gets the model's
variables, and a function that computes one loss for each task. It opens the gradient tape itself, so it can weigh
losses, learn the weights, or combine the gradients of single tasks.

- `models/training/step.py` traces `gradients` into a graph. With one replica, XLA compiles it, so it may use only ops
  that XLA knows.
- The gradient of a single task is zeros for the towers of other tasks, since all losses are slices of one tensor. It is
  None for a variable that no loss reads. Return zeros there: `tape.gradient(..., unconnected_gradients="zero")`.
- The gradient of the embedding table may be a `tf.IndexedSlices`. Before you add up several of them, make them dense
  (`tf.convert_to_tensor`); the step takes both forms.
- A task without an allowed example in the batch has loss 0, so do not divide by a loss. GradNorm (Chen et al., ICML
  2018, arXiv 1711.02257) divides by the first one: take the first that is above 0.
- With several replicas, it runs on each of them. The losses are then one replica's share: their sum over the replicas
  is the loss on the whole batch. The optimizer adds up the gradients of the replicas.
- The optimizer updates only the model's variables. A balancer with variables of its own makes them in `__init__` and
  updates them in `gradients`. `make_balancer` runs in the scope of the replicas, so such a variable exists on each of
  them. Give it an `aggregation`, and compute its new value from sums over all replicas, so that it stays the same.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from models.config import TrainerConfig
from models.network import ENCODER


class Balancer(Protocol):
    """Turns the losses of the tasks into gradients."""

    def gradients(
        self, losses: Callable[[], tf.Tensor], variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The loss of each task, and a gradient for each variable.

        Args:
            losses: computes each task's loss on this replica's share of a batch, float32 `[heads]`; call it in a tape.
            variables: the model's trainable variables, the embedding table last; `shared_weights` are among them.
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


def make_balancer(heads: Sequence[str], config: TrainerConfig, model: keras.Model) -> Balancer:
    """The balancer of the config; call it in the scope of the strategy, as for the model.

    Args:
        heads: the tasks, in the order of the losses.
        config: chooses the balancer.
        model: for a balancer that compares gradients of its `shared_weights`.
    """
    del model  # fixed weights need none
    return FixedWeights(fixed_weights(heads, config.loss_weights))


def shared_weights(model: keras.Model) -> list[tf.Variable]:
    """The encoder's trainable variables, which all tasks train, from its first layer to its last.

    The gates of `mmoe` are among them. Each belongs to one head, and the losses of other heads have gradient 0 there.
    """
    return [variable.value for variable in model.get_layer(ENCODER).trainable_variables]


def fixed_weights(heads: Sequence[str], weights: Mapping[str, float]) -> np.ndarray:
    """`lambda_t` as float32 `[heads]`, 1 for a head without an entry."""
    return np.array([weights.get(head, 1.0) for head in heads], np.float32)
