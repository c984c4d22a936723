"""The scales that make the members of an ensemble differ while they share all other weights of a stack."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("coldcast")
class MemberScale(keras.layers.Layer):
    """Gives each member of an ensemble its own view of the input: every column times a learned number of the member.

        y_k = x * s_k

    The scales begin as 1 or -1 at random, so that the members begin apart. This is the only adapter of TabM-mini:
    Gorishniy, Kotelnikov and Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling"
    (ICLR 2025), arXiv 2410.24210.

    Args:
        members: number of members, at least 1.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(self, members: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.members = members

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights, `[width, members]`.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        if len(input_shape) != 2:
            raise ValueError(f"{self.name} takes [n, width], not {input_shape}")
        self.scale = self.add_weight(
            shape=(input_shape[-1], self.members), initializer=_random_signs, name="scale", trainable=True
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Maps float32 `[n, width]` to float32 `[n, members, width]`."""
        return inputs[:, None, :] * keras.ops.transpose(self.scale)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the output, `[n, members, width]`."""
        return (input_shape[0], self.members, input_shape[-1])

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "members": self.members}


def _random_signs(shape: tuple[int, ...], dtype: str | None = None) -> keras.KerasTensor:
    values = keras.initializers.RandomUniform(-1.0, 1.0)(shape, dtype)
    return keras.ops.where(values < 0, -1.0, 1.0)
