"""Attention of a candidate over a user's recent values: the activation unit of the Deep Interest Network."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("coldcast")
class ActivationUnit(keras.layers.Layer):
    """Sums the embeddings of a list, each weighted by how relevant it is to the candidate's.

        y = sum_k w_k e_k,    w_k = prelu([e_k, v, e_k - v, e_k * v] W + b) u + c if ids_k != padding, else 0

    e_k are the embeddings of the list, v is that of the candidate. The weights are no softmax: their sum says how
    strong the interest of the user in such candidates is. The result is zero where all values are missing. Source:
    Zhou et al., "Deep interest network for click-through rate prediction" (KDD 2018), doi 10.1145/3219819.3219823. The
    paper adds the "out product" of both embeddings to their concatenation; the authors' own code takes their difference
    and their product by element, as here.

    Args:
        padding: the row of the fused embedding table that means missing, an int of at least 0.
        units: width of the hidden layer, 36 in the paper.
        **kwargs: those of `keras.layers.Layer`.

    Example:
        >>> unit, ids = ActivationUnit(padding=0), np.array([[3, 5, 0]], np.int32)
        >>> unit(ids, np.ones((1, 3, 16), np.float32), np.ones((1, 16), np.float32)).shape
        TensorShape([1, 16])
    """

    def __init__(self, padding: int, units: int = 36, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = padding
        self.units = units
        self.hidden = keras.layers.Dense(units, kernel_initializer="he_normal", name="hidden")
        self.prelu = keras.layers.PReLU(
            alpha_initializer=keras.initializers.Constant(0.25), shared_axes=[1], name="prelu"
        )
        self.weight = keras.layers.Dense(1, name="weight")

    def build(
        self,
        ids_shape: tuple[int | None, ...],
        embedded_shape: tuple[int | None, ...],
        candidate_shape: tuple[int | None, ...],
    ) -> None:
        """Makes the weights.

        Raises:
            ValueError: the inputs are not `[n, k]`, `[n, k, dim]`, and `[n, dim]`.
        """
        fits = len(ids_shape) == 2 and len(embedded_shape) == 3 and ids_shape[1] == embedded_shape[1]
        if not fits or candidate_shape[1:] != embedded_shape[2:]:
            raise ValueError(
                f"ActivationUnit takes [n, k], [n, k, dim], and [n, dim], not {ids_shape}, {embedded_shape}, and "
                f"{candidate_shape}"
            )
        values, dim = (int(size or 0) for size in embedded_shape[1:])
        self.hidden.build((None, values, 4 * dim))
        self.prelu.build((None, values, self.units))
        self.weight.build((None, values, self.units))

    def call(
        self, ids: keras.KerasTensor, embedded: keras.KerasTensor, candidate: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Maps int32 `[n, k]`, float32 `[n, k, dim]`, and float32 `[n, dim]` to float32 `[n, dim]`."""
        wanted = keras.ops.broadcast_to(candidate[:, None], keras.ops.shape(embedded))
        pairs = keras.ops.concatenate([embedded, wanted, embedded - wanted, embedded * wanted], axis=2)
        present = keras.ops.cast(keras.ops.not_equal(ids, self.padding), embedded.dtype)[..., None]
        weights = self.weight(self.prelu(self.hidden(pairs))) * present
        return keras.ops.sum(embedded * weights, axis=1)

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "padding": self.padding, "units": self.units}
