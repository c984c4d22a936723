"""The outputs of experts, and the weights that a gate gives them."""

from typing import NamedTuple

import keras


class Mixture(NamedTuple):
    """The outputs of some experts, weighed by a gate for each example.

        z = sum_e w_e f_e

    Attributes:
        gate: name of the gate.
        head: the head that reads z; None if all heads do.
        experts: names of the experts.
        weights: w, float32 `[n, experts]`; at least 0, and 1 in sum.
        outputs: f, float32 `[n, experts, units]`.
    """

    gate: str
    head: str | None
    experts: tuple[str, ...]
    weights: keras.KerasTensor
    outputs: keras.KerasTensor

    @property
    def mixed(self) -> keras.KerasTensor:
        """z, float32 `[n, units]`."""
        return keras.ops.einsum("ne,neu->nu", self.weights, self.outputs)
