"""Gradients of tasks that conflict are projected onto each other's normal planes."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.training.balancing.balancer import Balancer, Gradient, Losses, replicated, summed

_ORDERS = 1024
"""Steps after which the random orders repeat. They are drawn before training: XLA would draw others than TensorFlow."""


class PcGrad(Balancer):
    """Takes from each task's gradient what works against another task.

        p_i = g_i;    for each j != i in a random order, if p_i . g_j < 0:    p_i <- p_i - (p_i . g_j) / |g_j|^2 g_j
        gradient = sum_i p_i

    Yu et al., "Gradient Surgery for Multi-Task Learning" (NeurIPS 2020), arXiv 2001.06782, algorithm 1. `g_i` holds the
    gradients of all weights that tasks share, the embedding table included. Towers belong to one task, so nothing is
    projected there. Each `p_i` is a sum of the `g_j`, so we compute with its factors and with the products `g_i . g_j`.

    Args:
        loss_weights: see `Balancer`.
        towers: the weights of the towers.
        seed: of the random orders.
    """

    def __init__(self, loss_weights: np.ndarray, towers: Sequence[tf.Variable], seed: int) -> None:
        super().__init__(loss_weights)
        self._towers = {id(variable) for variable in towers}
        tasks = np.tile(np.arange(len(loss_weights), dtype=np.int32), (_ORDERS, len(loss_weights), 1))
        self._orders = tf.constant(np.random.default_rng(seed).permuted(tasks, axis=2))
        self._step = replicated(np.array(0, np.int32))
        self._pairs = replicated(np.zeros(2, np.float32))  # those that conflicted, and all
        self.state = (self._step,)

    def gradients(
        self, losses: Losses, present: tf.Tensor, variables: Sequence[tf.Variable]
    ) -> tuple[tf.Tensor, list[Gradient]]:
        """The loss of each task, and the sum of the projected gradients."""
        with tf.GradientTape(persistent=True) as tape:
            by_task = losses()
            single = tf.unstack(self._loss_weights * by_task)
        by_single = [tape.gradient(loss, variables, unconnected_gradients="zero") for loss in single]
        by_variable = [_same_form(gradients) for gradients in zip(*by_single, strict=True)]
        shared = [
            _products(gradients, variable.shape[0])
            for variable, gradients in zip(variables, by_variable, strict=True)
            if id(variable) not in self._towers
        ]
        # With a frozen encoder, no weight that learns is shared, and no tasks conflict.
        products = tf.add_n(shared) if shared else tf.zeros([len(single), len(single)])
        self._count(products, self._active(present))
        order = tf.gather(self._orders, self._step % _ORDERS)  # a slice would make XLA compile each step anew
        self._step.assign_add(1)
        factors = tf.reduce_sum(projected(products, order), axis=0)
        return by_task, [
            _sum(gradients, tf.ones_like(factors) if id(variable) in self._towers else factors)
            for variable, gradients in zip(variables, by_variable, strict=True)
        ]

    def conflicts(self) -> float | None:
        """Share of the pairs of present tasks with `g_i . g_j < 0` since the last call; None without pairs."""
        conflicting, pairs = self._pairs.numpy().tolist()
        self._pairs.assign(np.zeros(2, np.float32))
        return conflicting / pairs if pairs else None

    def _count(self, products: tf.Tensor, active: tf.Tensor) -> None:
        pairs = active[:, None] * active[None, :]
        pairs -= tf.linalg.diag(tf.linalg.diag_part(pairs))
        conflicting = pairs * tf.cast(products < 0, tf.float32)
        self._pairs.assign_add(tf.stack([tf.reduce_sum(conflicting), tf.reduce_sum(pairs)]) / 2)


def projected(products: tf.Tensor, order: tf.Tensor) -> tf.Tensor:
    """The projected gradients, as factors of the gradients: `p_i = sum_j factors[i, j] g_j`.

    Args:
        products: `g_i . g_j`, float32 `[tasks, tasks]`. Those of a task without examples are 0, so it changes nothing.
        order: int32 `[tasks, tasks]`; row *i* holds the tasks in the order in which `p_i` meets them.
    """
    tasks = products.shape[0]
    factors = tf.eye(tasks)
    for place in range(tasks):
        other = order[:, place]
        product = tf.reduce_sum(factors * tf.gather(products, other), axis=1)
        conflict = (product < 0) & (other != tf.range(tasks))
        share = tf.math.divide_no_nan(product, tf.gather(tf.linalg.diag_part(products), other))
        factors -= tf.where(conflict, share, 0.0)[:, None] * tf.one_hot(other, tasks)
    return factors


def _same_form(gradients: Sequence[Gradient]) -> list[Gradient]:
    """All gradients of a variable as `IndexedSlices` if each of them is, else as tensors.

    All tasks share one forward pass, so the slices of all of them have the same indices.
    """
    if all(isinstance(gradient, tf.IndexedSlices) for gradient in gradients):
        return list(gradients)
    return [tf.convert_to_tensor(gradient) for gradient in gradients]


def _products(gradients: Sequence[Gradient], rows: int) -> tf.Tensor:
    """The products of the tasks' gradients of one variable over the whole batch, float32 `[tasks, tasks]`.

    Args:
        gradients: one for each task, all of the same form.
        rows: of the variable.
    """
    if not isinstance(gradients[0], tf.IndexedSlices):
        (flat,) = summed([tf.stack([tf.reshape(gradient, [-1]) for gradient in gradients])])
        return tf.matmul(flat, flat, transpose_b=True)
    indices, values = gradients[0].indices, tf.stack([gradient.values for gradient in gradients], axis=1)
    if tf.distribute.get_strategy().num_replicas_in_sync > 1:
        context = tf.distribute.get_replica_context()
        indices, values = context.all_gather(indices, axis=0), context.all_gather(values, axis=0)
    by_row = tf.transpose(_by_row(indices, values, rows), [1, 0, 2])
    flat = tf.reshape(by_row, [len(gradients), -1])
    return tf.matmul(flat, flat, transpose_b=True)


def _by_row(indices: tf.Tensor, values: tf.Tensor, rows: int) -> tf.Tensor:
    """The sums of values with equal indices, in as many rows as there are indices; a dense table would cost more.

    The sum of an index stands where the index stands first, and the other rows are 0. XLA adds integers up along a
    vector in quadratic time, so there is no `tf.cumsum` over sorted indices here.

    Args:
        indices: int `[n]`, each below `rows`.
        values: float32 `[n, tasks, width]`.
        rows: of the table.
    """
    count = tf.shape(indices)[0]
    first = tf.math.unsorted_segment_min(tf.range(count), indices, rows)
    return tf.math.unsorted_segment_sum(values, tf.gather(first, indices), count)


def _sum(gradients: Sequence[Gradient], factors: tf.Tensor) -> Gradient:
    """`sum_i factors_i g_i`, in the form of the gradients."""
    if isinstance(gradients[0], tf.IndexedSlices):
        total = _sum([gradient.values for gradient in gradients], factors)
        return tf.IndexedSlices(total, gradients[0].indices, gradients[0].dense_shape)
    return tf.add_n([factor * gradient for factor, gradient in zip(tf.unstack(factors), gradients, strict=True)])
