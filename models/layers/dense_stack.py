"""Dense layers with batch norm: the building block of encoders."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
import tensorflow as tf

from models.layers.bias import Bias

OutputActivation = Literal["relu", "swish"]
"""The activation after the last batch norm of a stack."""


@keras.saving.register_keras_serializable("coldcast")
class DenseStack(keras.layers.Layer):
    """Dense layers, each followed by batch norm, ReLU, and dropout.

        x_{i+1} = dropout(relu(batch_norm(x_i W_i)))

    There is no bias: batch norm would remove it, and adds its own. With several replicas, batch norm uses the mean and
    variance of the global batch. The last layer may have Swish, `x sigmoid(x)`, in place of ReLU.
    Without batch norm, each layer has a bias in its place.

    Batch norm: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift" (ICML 2015), arXiv 1502.03167. Dropout: Srivastava et al. (JMLR 2014).

    Args:
        units: width of each layer, at least one, each at least 1.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of each layer's outputs that is dropped in training, in [0, 1).
        output_activation: `relu` or `swish`, of the last layer.
        batch_norm: whether batch norm follows each layer.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(
        self,
        units: Sequence[int],
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        output_activation: OutputActivation = "relu",
        batch_norm: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = tuple(units)
        self.batch_norm_momentum = batch_norm_momentum
        self.dropout = dropout
        self.output_activation = output_activation
        self.batch_norm = batch_norm
        synchronized = tf.distribute.get_strategy().num_replicas_in_sync > 1
        self.steps: list[keras.layers.Layer] = []  # flat, since Keras saves no lists within lists
        for index, width in enumerate(self.units):
            activation = output_activation if index == len(self.units) - 1 else "relu"
            self.steps += [
                keras.layers.Dense(width, use_bias=False, kernel_initializer="he_normal", name=f"dense_{index}"),
                keras.layers.BatchNormalization(
                    momentum=batch_norm_momentum, synchronized=synchronized, name=f"norm_{index}"
                )
                if batch_norm
                else Bias(name=f"bias_{index}"),
                keras.layers.Activation(activation, name=f"{activation}_{index}"),
            ]
            if dropout:
                self.steps.append(keras.layers.Dropout(dropout, name=f"dropout_{index}"))

    @property
    def input_kernel(self) -> keras.Variable:
        """The weights that read the input, `[width, units]`."""
        return self.steps[0].kernel

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        if len(input_shape) != 2:
            raise ValueError(f"{self.name} takes [n, width], not {input_shape}")
        shape = input_shape
        for layer in self.steps:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        """Maps float32 `[n, width]` to float32 `[n, units[-1]]`."""
        return self.finish(self.steps[0](inputs), training)

    def finish(self, products: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        """The output, if `x W_1` is at hand, float32 `[n, units[0]]`.

        Several stacks that read the same input compute it together (`models/layers/products.py`).
        """
        x = products
        for layer in self.steps[1:]:
            depends = isinstance(layer, keras.layers.BatchNormalization | keras.layers.Dropout)
            x = layer(x, training=training) if depends else layer(x)
        return x

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the output, `[n, units[-1]]`."""
        return (input_shape[0], self.units[-1])

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {
            **super().get_config(),
            "units": list(self.units),
            "batch_norm_momentum": self.batch_norm_momentum,
            "dropout": self.dropout,
            "output_activation": self.output_activation,
            "batch_norm": self.batch_norm,
        }
