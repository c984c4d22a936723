"""An exponential moving average of the weights, which is validated, kept, and exported instead of the last weights."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import tensorflow as tf

from models.training.row_adam import Touched

SMALLEST = 1e-6
"""Stands for the decay of the first step, 0, which has no logarithm."""


class WeightAverage:
    """Averages the weights of a model over the steps of training.

        a_t = sum_{i <= t} decay^(t - i) w_i / sum_{i <= t} decay^(t - i)
        a <- d_t a + (1 - d_t) w,    d_t = decay (1 - decay^(t - 1)) / (1 - decay^t),    t = 1, 2, ...

    So the weights before the first step do not count. Source: Kingma and Ba, "Adam: a method for stochastic
    optimization" (ICLR 2015), arXiv 1412.6980, section 7.2, after Polyak and Juditsky (SIAM J. Control Optim. 30,
    1992), doi 10.1137/0330046.

    Batch norm's moving statistics are averaged with the same decay. They describe the activations that the weights of
    the same steps gave, so they fit the averaged weights better than the statistics of the last step do.

    A step changes few rows of the embedding table. A row that stays at *w* for the steps *i* to *j* has the average
    `w + d_i ... d_j (a - w)` after them. So the average of a row needs an update only when the row moves; it is exact.

    Args:
        model: the model.
        table: its embedding table, if its rows are updated one by one.
        decay: share of the old average that a step keeps, in (0, 1).
    """

    def __init__(self, model: keras.Model, table: keras.Variable | None, decay: float) -> None:
        self._weights = [weight.value for weight in model.weights if weight is not table]
        self._averages = [tf.Variable(weight.numpy(), trainable=False) for weight in self._weights]
        self._table = None if table is None else table.value
        if table is not None:
            self._rows = tf.Variable(table.numpy(), trainable=False)
            self._moved = tf.Variable(tf.zeros([table.shape[0]]), trainable=False)
        self._decay = decay
        self._steps = tf.Variable(0.0, trainable=False)
        self._log = tf.Variable(0.0, trainable=False)  # log(d_1 ... d_t); `_moved` has its value at a row's last step

    def update(self, touched: Touched | None) -> None:
        """Averages the weights as they are after a step; outside of a replica.

        Args:
            touched: the rows of the table that the step moved; None if it moved none.
        """
        step = self._steps.assign_add(1.0)
        log = math.log(self._decay)
        decay = tf.maximum(self._decay * tf.math.expm1((step - 1.0) * log) / tf.math.expm1(step * log), SMALLEST)
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign_sub((1.0 - decay) * (average - weight))
        before = tf.identity(self._log)
        now = self._log.assign_add(tf.math.log(decay))
        if touched is not None:
            still = tf.exp(before - tf.gather(self._moved, touched.rows))[:, None]
            average = touched.before + still * (tf.gather(self._rows, touched.rows) - touched.before)
            average = touched.after + decay * (average - touched.after)
            self._rows.scatter_update(tf.IndexedSlices(average, touched.rows))
            self._moved.scatter_update(tf.IndexedSlices(tf.fill(tf.shape(touched.rows), now), touched.rows))

    @contextmanager
    def applied(self, strategy: tf.distribute.Strategy) -> Iterator[None]:
        """Gives the model its averaged weights within the block, and its own weights back after it."""
        weights = [*self._weights, *([] if self._table is None else [self._table])]
        own = [weight.numpy() for weight in weights]
        with strategy.scope():
            _assign(weights, self._values())
        yield
        with strategy.scope():
            _assign(weights, own)

    def _values(self) -> list[tf.Tensor]:
        values = [tf.convert_to_tensor(average) for average in self._averages]
        if self._table is not None:
            still = tf.exp(self._log - self._moved)[:, None]
            values.append(self._table + still * (self._rows - self._table))
        return values


def _assign(weights: Sequence[tf.Variable], values: Sequence[tf.Tensor]) -> None:
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)
