"""The scales that make the members of an ensemble differ while they share all other weights of a stack."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable("coldcast")
class MemberScale(keras.layers.Layer):
    """Gives each member of an ensemble its own view of the input: every column times a learned number of the member.

        y_k = x * s_k

    The scales begin as 1 or -1 at random, so that the members begin apart. All columns of a feature begin with one
    sign, as in the authors' code: an embedding means something as a whole only. This is the only adapter of TabM-mini:
    Gorishniy, Kotelnikov and Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling"
    (ICLR 2025), arXiv 2410.24210.

    Args:
        members: number of members, at least 1.
        sections: number of columns of each feature, in column order; empty: each column is a feature.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(self, members: int, sections: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.members = members
        self.sections = tuple(sections)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights, `[width, members]`.

        Raises:
            ValueError: the input is not `[n, width]`, or the sections have another width together.
        """
        if len(input_shape) != 2:
            raise ValueError(f"{self.name} takes [n, width], not {input_shape}")
        if self.sections and sum(self.sections) != input_shape[-1]:
            raise ValueError(f"{self.name} has sections of {sum(self.sections)} columns, not {input_shape[-1]}")
        self.scale = self.add_weight(
            shape=(input_shape[-1], self.members), initializer=self._random_signs, name="scale", trainable=True
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Maps float32 `[n, width]` to float32 `[n, members, width]`."""
        return inputs[:, None, :] * keras.ops.transpose(self.scale)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the output, `[n, members, width]`."""
        return (input_shape[0], self.members, input_shape[-1])

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "members": self.members, "sections": list(self.sections)}

    def _random_signs(self, shape: tuple[int, ...], dtype: str | None = None) -> keras.KerasTensor:
        sections = self.sections or (1,) * shape[0]
        values = keras.initializers.RandomUniform(-1.0, 1.0)((len(sections), self.members), dtype)
        signs = keras.ops.where(values < 0, -1.0, 1.0)
        return keras.ops.take(signs, np.repeat(np.arange(len(sections)), sections), axis=0)
