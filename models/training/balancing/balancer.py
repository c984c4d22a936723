"""The interface of balancers, which turn the losses of all tasks into one gradient for each variable.

A balancer is a subclass of `Balancer` in a file of its own, and a config in `config.py` whose `make` builds it.

- `models/training/step.py` traces its methods into graphs. With one replica, XLA compiles them, so they may use only
  ops that XLA knows. XLA draws other random numbers than TensorFlow from the same seed, so draw them before
  training.
- The gradient of a single task is zeros for the towers of other tasks, since all losses are slices of one tensor. It is
  None for a variable that no loss reads. Return zeros there: `tape.gradient(..., unconnected_gradients="zero")`.
- The gradient of the embedding table may be a `tf.IndexedSlices`. The step takes both forms.
- A task without an allowed example in the batch, or with `trainer.loss_weights` 0, is not `present`. It takes no part
  in weights, norms, or projections, and its state in the balancer stays as it was.
- With several replicas, it runs on each of them. The losses are then one replica's share: their sum over the replicas
  (`summed`) is the loss on the whole batch. The optimizer adds up the gradients of the replicas.
- The optimizer updates only the model's variables. A balancer makes its own ones with `replicated`, updates them in its
  methods, and names them in `state`. Compute a new value from sums over all replicas, so that it stays the same
  on each of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import tensorflow as tf

Losses = Callable[[], tf.Tensor]
"""Computes each task's loss on this replica's share of a batch, float32 `[heads]`; call it in a tape."""

Gradient: TypeAlias = tf.Tensor | tf.IndexedSlices


class Balancer(ABC):
    """Turns the losses of the tasks into gradients.

    Args:
        loss_weights: `lambda_t`, float32 `[heads]`: each loss is multiplied by it before it is balanced.

    Attributes:
        state: the variables that it learns; they belong to the model's weights and are restored with them.
        sees_update: whether `after_update` runs after each step, at the cost of one more forward pass.
    """

    sees_update = False

    def __init__(self, loss_weights: np.ndarray) -> None:
        self.state: Sequence[tf.Variable] = ()
        self._loss_weights = tf.constant(loss_weights)
        self._counts = tf.constant(loss_weights > 0)

    @abstractmethod
    def gradients(
        self, losses: Losses, present: tf.Tensor, variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[Gradient]]:
        """The loss of each task, not weighted, and a gradient for each variable.

        Args:
            losses: see `Losses`.
            present: bool `[heads]`, whether the whole batch has an allowed example of the task.
            variables: the model's trainable variables, the embedding table last.
        """

    def after_update(self, losses: Losses, present: tf.Tensor) -> None:
        """Learns from the losses of the same batch after the update of all weights, the embedding table included."""
        del losses, present

    def weights(self) -> np.ndarray | None:
        """The weight of each task now, float32 `[heads]`; None if the weights are not learned."""
        return None

    def conflicts(self) -> float | None:
        """Share of pairs of tasks whose gradients conflicted since the last call; None if it is not counted."""
        return None

    def _active(self, present: tf.Tensor) -> tf.Tensor:
        """1 for each task that takes part in this batch, else 0; float32 `[heads]`."""
        return tf.cast(present & self._counts, tf.float32)


def replicated(value: np.ndarray) -> tf.Variable:
    """A variable of a balancer, the same on each replica."""
    first = tf.VariableAggregation.ONLY_FIRST_REPLICA
    return tf.Variable(value, trainable=False, aggregation=first)


def summed(values: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Sums over all replicas, if there are several."""
    if tf.distribute.get_strategy().num_replicas_in_sync == 1:
        return list(values)
    return [tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value) for value in values]


def active_mean(values: tf.Tensor, active: tf.Tensor) -> tf.Tensor:
    """The mean over the tasks that take part; 0 if none does."""
    return tf.math.divide_no_nan(tf.reduce_sum(values * active), tf.reduce_sum(active))
