"""The mean over the embeddings of a feature with several values."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("coldcast")
class MeanOfPresent(keras.layers.Layer):
    """Mean over the embeddings of a feature with several values, without padding.

        y = sum_k w_k e_k / max(sum_k w_k, 1),    w_k = 1 if ids_k != padding, else 0

    The result is zero where all values are missing.

    Args:
        padding: the row of the fused embedding table that means missing, an int of at least 0.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(self, padding: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = padding

    def build(self, ids_shape: tuple[int | None, ...], embedded_shape: tuple[int | None, ...]) -> None:
        """Checks the shapes.

        Raises:
            ValueError: the inputs are not `[n, k]` and `[n, k, dim]`.
        """
        if len(ids_shape) != 2 or len(embedded_shape) != 3 or ids_shape[1] != embedded_shape[1]:
            raise ValueError(f"MeanOfPresent takes [n, k] and [n, k, dim], not {ids_shape} and {embedded_shape}")

    def call(self, ids: keras.KerasTensor, embedded: keras.KerasTensor) -> keras.KerasTensor:
        """Maps int32 `[n, k]` and float32 `[n, k, dim]` to float32 `[n, dim]`."""
        present = keras.ops.cast(keras.ops.not_equal(ids, self.padding), embedded.dtype)[..., None]
        count = keras.ops.maximum(keras.ops.sum(present, axis=1), 1.0)
        return keras.ops.sum(embedded * present, axis=1) / count

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "padding": self.padding}
