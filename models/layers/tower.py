"""The tower of a head: from the encoder's representation to a logit."""

from collections.abc import Sequence
from typing import Any

import keras


@keras.saving.register_keras_serializable("coldcast")
class Tower(keras.layers.Layer):
    """Dense layers with ReLU, then one logit.

        z_{i+1} = relu(z_i W_i + b_i),    logit = z w + b

    In an ensemble, the members share the dense layers, and member *k* has its own w_k and b_k. In training, each member
    has its logit, because each learns by its own loss. Elsewhere, the result is the logit of their mean probability:

        p = 1/K sum_k sigmoid(z_k w_k + b_k),    logit = log(p / (1 - p))

    Args:
        units: width of each dense layer, each at least 1; empty for a logit alone.
        members: of the ensemble; 1 for a single model.
        **kwargs: those of `keras.layers.Layer`.

    Attributes:
        logit: the last layer; its bias is where training sets the base rate.
    """

    def __init__(self, units: Sequence[int] = (), members: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = tuple(units)
        self.members = members
        self._hidden = [
            keras.layers.Dense(width, activation="relu", kernel_initializer="he_normal", name=f"dense_{index}")
            for index, width in enumerate(self.units)
        ]
        self.logit = (
            keras.layers.Dense(1, name="logit")
            if members == 1
            else keras.layers.EinsumDense("nkw,kw->nk", members, bias_axes="k", name="logit")
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`, or of an ensemble not `[n, members, width]`.
        """
        expected = 2 if self.members == 1 else 3
        if len(input_shape) != expected:
            raise ValueError(
                f"{self.name} takes {'[n, width]' if expected == 2 else '[n, members, width]'}, not {input_shape}"
            )
        shape = input_shape
        for layer in (*self._hidden, self.logit):
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        """Maps float32 `[n, width]` to logits float32 `[n]`; of an ensemble, in training, to `[n, members]`."""
        z = inputs
        for layer in self._hidden:
            z = layer(z)
        logits = self.logit(z)
        if self.members == 1:
            return keras.ops.reshape(logits, (-1,))
        return logits if training else logit_of_mean(logits)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the output outside of training, `[n]`."""
        return (input_shape[0],)

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "units": list(self.units), "members": self.members}


def logit_of_mean(logits: keras.KerasTensor) -> keras.KerasTensor:
    """The logit of the mean probability, exact for small and large ones too.

    Args:
        logits: float32 `[n, members]`.

    Returns:
        float32 `[n]`.
    """
    positive = keras.ops.logsumexp(keras.ops.log_sigmoid(logits), axis=1)
    return positive - keras.ops.logsumexp(keras.ops.log_sigmoid(-logits), axis=1)
