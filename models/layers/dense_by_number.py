"""A dense layer for each number, all in one operation."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("coldcast")
class DenseByNumber(keras.layers.Layer):
    """A dense layer with ReLU of its own for each number: an embedding of the number.

        y_j = relu(x_j W_j + b_j),    W_j [width, units]

    On top of `PiecewiseLinear`, this is the embedding "Q-LR" of Gorishniy, Rubachev and Babenko, "On embeddings for
    numerical features in tabular deep learning" (NeurIPS 2022), arXiv 2203.05556. All numbers share one product.

    Args:
        units: length of each embedding, at least 1.
        **kwargs: those of `keras.layers.Layer`.

    Example:
        >>> DenseByNumber(8)(np.zeros((2, 110, 17), np.float32)).shape
        TensorShape([2, 110, 8])
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, numbers, width]`.
        """
        if len(input_shape) != 3:
            raise ValueError(f"DenseByNumber takes [n, numbers, width], not {input_shape}")
        numbers, width = (int(size or 0) for size in input_shape[1:])
        # Each number is a layer of its own, so its fan-in is `width` and not numbers x width.
        initializer = keras.initializers.RandomNormal(stddev=(2.0 / width) ** 0.5)
        self.kernel = self.add_weight((numbers, width, self.units), initializer, name="kernel")
        self.bias = self.add_weight((numbers, self.units), "zeros", name="bias")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Maps float32 `[n, numbers, width]` to float32 `[n, numbers, units]`."""
        return keras.ops.relu(keras.ops.einsum("nfw,fwu->nfu", inputs, self.kernel) + self.bias)

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "units": self.units}
