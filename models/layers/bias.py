"""A bias as a layer of its own, for dense layers without batch norm."""

import keras


@keras.saving.register_keras_serializable("coldcast")
class Bias(keras.layers.Layer):
    """Adds a learned number to each column, 0 at first.

        y = x + b

    A dense layer has no bias of its own here, because the products of several stacks are computed together
    (`models/layers/products.py`).
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights, `[width]`."""
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias", trainable=True)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Maps float32 `[..., width]` to the same shape."""
        return inputs + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape
