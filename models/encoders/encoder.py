"""The interface of shared encoders."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import keras


class Encoder(keras.layers.Layer):
    """The part of a model below the towers: from the joined features to a representation for each head.

    A subclass makes its layers in `__init__`, builds them in `build`, and returns a tensor for each head in `call`. It
    also names the weights that read the joined features. When training starts from another model, their rows are
    matched by feature, so that a feature that moved or is new does not get the weights of another one.

    Args:
        heads: names of the heads.
        sections: number of columns of each feature in the input, in column order; empty if it is not known.
        name: name of the layer, the first part of the paths of its weights.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(
        self, heads: Sequence[str], sections: Sequence[int] = (), name: str = "encoder", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.heads = tuple(heads)
        self.sections = tuple(sections)

    @property
    def members(self) -> int:
        """Number of models that share the encoder as an ensemble; 1 for a single model."""
        return 1

    @property
    @abstractmethod
    def input_kernels(self) -> tuple[keras.Variable, ...]:
        """The weights `[width, ...]` that are multiplied with the joined features `[n, width]`."""

    @abstractmethod
    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> dict[str, keras.KerasTensor]:
        """Maps float32 `[n, width]` to float32 `[n, units]` for each head, of an ensemble `[n, members, units]`."""

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "heads": list(self.heads), "sections": list(self.sections)}
