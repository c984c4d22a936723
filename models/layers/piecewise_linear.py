"""Piecewise-linear encoding of numbers: each number as its place among quantile bins."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

_NARROWEST = 1e-6
"""A z-score has no finer steps: float32 rounds numbers of a few deviations to about this."""


@keras.saving.register_keras_serializable("coldcast")
class PiecewiseLinear(keras.layers.Layer):
    """Encodes each number by how far it fills each of its bins.

        e_b = min(max((x - l_b) / (u_b - l_b), 0), 1) if x is present, else 0;    y = [e_1, ..., e_B, present]

    l_b and u_b are the boundaries of bin b. A bin below x is 1, a bin above x is 0, and the bin around x says where in
    it x lies. So a dense layer on top is a piecewise-linear function of x, whatever the scale of x. Many equal values
    make bins without width, which are always 0. Source: Gorishniy, Rubachev and Babenko, "On embeddings for numerical
    features in tabular deep learning" (NeurIPS 2022), arXiv 2203.05556. There the first and the last bin have no end.
    Here they end: a value far beyond the training rows, divided by a narrow bin, would be any number.

    All numbers are encoded by one wide operation.

    Args:
        boundaries: of each number, `[numbers, bins + 1]`, rising.
        **kwargs: those of `keras.layers.Layer`.

    Example:
        >>> pair = np.array([[[2.0, 1.0]]], np.float32)  # 2, present
        >>> PiecewiseLinear([[0.0, 1.0, 5.0]])(pair)
        <tf.Tensor: shape=(1, 1, 3), dtype=float32, numpy=array([[[1.  , 0.25, 1.  ]]], dtype=float32)>
    """

    def __init__(self, boundaries: Sequence[Sequence[float]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.boundaries = [list(map(float, row)) for row in boundaries]
        edges = np.asarray(self.boundaries, np.float32)
        widths = np.diff(edges, axis=1)
        self._lower = edges[:, :-1]
        self._slope = np.divide(np.float32(1), widths, out=np.zeros_like(widths), where=widths > _NARROWEST)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Checks the shape.

        Raises:
            ValueError: the input is not `[n, numbers, 2]`.
        """
        if tuple(input_shape[1:]) != (len(self.boundaries), 2):
            raise ValueError(f"PiecewiseLinear takes [n, {len(self.boundaries)}, 2], not {input_shape}")

    def call(self, pairs: keras.KerasTensor) -> keras.KerasTensor:
        """Maps float32 `[n, numbers, 2]`, each number and its presence (1 or 0), to `[n, numbers, bins + 1]`."""
        number, present = pairs[:, :, :1], pairs[:, :, 1:]
        number = keras.ops.where(present > 0, number, self._lower[:, :1])  # a missing number fills no bin
        filled = keras.ops.clip((number - self._lower) * self._slope, 0.0, 1.0)
        return keras.ops.concatenate([filled, present], axis=2)

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "boundaries": self.boundaries}
