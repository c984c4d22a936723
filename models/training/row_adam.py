"""Adam for the rows of an embedding table that a batch looks up, so that a step costs the same for a larger table."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Those of Keras's Adam, which updates all other weights."""


@dataclass(frozen=True)
class Touched:
    """The rows that a step updated.

    Attributes:
        rows: int32 `[touched]`, each once.
        before: their values before the step, float32 `[touched, dim]`.
        after: their values after it.
    """

    rows: tf.Tensor
    before: tf.Tensor
    after: tf.Tensor


class RowAdam:
    """Lazy Adam: a step moves the rows of its batch, and their moments; all other rows and moments stay as they are.

        m_r <- m_r + (1 - b1) (g_r - m_r),    v_r <- v_r + (1 - b2) (g_r^2 - v_r)
        w_r <- w_r - rate * decay * w_r - rate * sqrt(1 - b2^t) / (1 - b1^t) * m_r / (sqrt(v_r) + epsilon)

    *t* counts all steps. So for a row of every batch this is Adam (Kingma and Ba, ICLR 2015, arXiv 1412.6980). Dense
    Adam also moves a row without a gradient, by what is left of its momentum, and reads and writes the whole table in
    every step. The weight decay is decoupled (Loshchilov and Hutter, ICLR 2019, arXiv 1711.05101) and as lazy.

    `learns` turns the updates off: with False, the table stays as it is.

    With several replicas, the moments exist once, and each replica's copy of the table gets the same rows.

    Args:
        table: the embedding table, `[rows, dim]`.
        learning_rate: from the number of the step, counted from 0.
        weight_decay: share of a row that a step of learning rate 1 removes.
    """

    def __init__(
        self,
        table: keras.Variable,
        learning_rate: keras.optimizers.schedules.LearningRateSchedule,
        weight_decay: float = 0.0,
    ) -> None:
        self._table = table.value
        self._learning_rate = learning_rate
        self._weight_decay = weight_decay
        self._mean = tf.Variable(tf.zeros(table.shape), trainable=False)
        self._square = tf.Variable(tf.zeros(table.shape), trainable=False)
        self._steps = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.learns = tf.Variable(True, trainable=False)

    def apply(self, indices: tf.Tensor, gradients: tf.Tensor, strategy: tf.distribute.Strategy) -> Touched:
        """Updates the rows; outside of a replica.

        Args:
            indices: int32 `[n]`, rows of the table; a row may come several times.
            gradients: float32 `[n, dim]`; those of equal rows add up.
            strategy: the replicas of the table.
        """
        rows, place = tf.unique(indices)
        gradient = tf.math.unsorted_segment_sum(gradients, place, tf.size(rows))
        rate = tf.cast(self._learning_rate(self._steps), tf.float32)
        step = tf.cast(self._steps.assign_add(1), tf.float32)
        mean, square, before = (tf.gather(whole, rows) for whole in (self._mean, self._square, self._table))
        mean += (1 - BETA_1) * (gradient - mean)
        square += (1 - BETA_2) * (tf.square(gradient) - square)
        corrected = rate * tf.sqrt(1 - tf.pow(BETA_2, step)) / (1 - tf.pow(BETA_1, step))
        after = before * (1 - rate * self._weight_decay) - corrected * mean / (tf.sqrt(square) + EPSILON)
        self._mean.scatter_update(tf.IndexedSlices(mean, rows))
        self._square.scatter_update(tf.IndexedSlices(square, rows))
        strategy.extended.update(self._table, _set_rows, args=(rows, after))
        return Touched(rows, before, after)

    def moved(self) -> np.ndarray:
        """Whether a gradient has moved each row, bool `[rows]`."""
        moved: np.ndarray = (self._mean.numpy() != 0).any(axis=1)
        return moved


def _set_rows(table: tf.Variable, rows: tf.Tensor, values: tf.Tensor) -> tf.Operation:
    return table.scatter_update(tf.IndexedSlices(values, rows))
