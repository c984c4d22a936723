"""The tower of a head: from the encoder's representation to a logit."""

from collections.abc import Sequence
from typing import Any

import keras


@keras.saving.register_keras_serializable("coldcast")
class Tower(keras.layers.Layer):
    """Dense layers with ReLU, then one logit.

        z_{i+1} = relu(z_i W_i + b_i),    logit = z w + b

    Args:
        units: width of each dense layer, each at least 1; empty for a logit alone.
        **kwargs: those of `keras.layers.Layer`.

    Attributes:
        logit: the last dense layer; its bias is where training sets the base rate.
    """

    def __init__(self, units: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = tuple(units)
        self._hidden = [
            keras.layers.Dense(width, activation="relu", kernel_initializer="he_normal", name=f"dense_{index}")
            for index, width in enumerate(self.units)
        ]
        self.logit = keras.layers.Dense(1, name="logit")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        if len(input_shape) != 2:
            raise ValueError(f"{self.name} takes [n, width], not {input_shape}")
        shape = input_shape
        for layer in (*self._hidden, self.logit):
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Maps float32 `[n, width]` to logits float32 `[n]`."""
        z = inputs
        for layer in self._hidden:
            z = layer(z)
        return keras.ops.reshape(self.logit(z), (-1,))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the output, `[n]`."""
        return (input_shape[0],)

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "units": list(self.units)}
