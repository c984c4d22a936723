"""The dense encoder: one representation that all heads share."""

from collections.abc import Sequence
from typing import Any

import keras

from models.encoders.encoder import Encoder
from models.layers.dense_stack import DenseStack


@keras.saving.register_keras_serializable("coldcast")
class DenseEncoder(Encoder):
    """Dense layers, each followed by batch norm, ReLU, and dropout. Every head reads the same representation.

        z = stack(x),    z_t = z for every head t

    This is hard parameter sharing: Caruana, "Multitask learning" (Machine Learning 28, 1997),
    doi 10.1023/A:1007379606734.

    Batch norm's moving statistics are those of the training batches: of an equal mix of sources for a balanced recipe,
    of one source for a recipe that is trained on one. Scoring uses only them, so a score does not depend on the other
    examples of a batch. If the recipe was never trained on a source, that source is normalised by the statistics of
    the others; this is part of scoring it cold.

    Without batch norm, each layer has a bias in its place.

    Args:
        heads: names of the heads.
        units: width of each dense layer, at least one, each at least 1.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of each layer's outputs that is dropped in training, in [0, 1).
        batch_norm: whether batch norm follows each dense layer.
        **kwargs: those of `keras.layers.Layer`.

    Example:
        >>> DenseEncoder(("click", "stream"), units=(256, 128))(np.zeros((2, 40), np.float32))["click"].shape
        TensorShape([2, 128])
    """

    def __init__(
        self,
        heads: Sequence[str],
        units: Sequence[int] = (256, 128),
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        batch_norm: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(heads, **kwargs)
        self.stack = DenseStack(units, batch_norm_momentum, dropout, batch_norm=batch_norm, name="stack")

    @property
    def input_kernels(self) -> tuple[keras.Variable, ...]:
        """The kernel of the first dense layer."""
        return (self.stack.input_kernel,)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        self.stack.build(input_shape)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> dict[str, keras.KerasTensor]:
        """Maps float32 `[n, width]` to the same float32 `[n, units[-1]]` for each head."""
        return dict.fromkeys(self.heads, self.stack(inputs, training=training))

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        stack = self.stack
        return {
            **super().get_config(),
            "units": list(stack.units),
            "batch_norm_momentum": stack.batch_norm_momentum,
            "dropout": stack.dropout,
            "batch_norm": stack.batch_norm,
        }
