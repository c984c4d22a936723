"""The model: one fused embedding table, a shared encoder, a tower for each head (docs/model.md).

`z = h(x)`; per task a tower of stacked dense layers gives a logit. An encoder is a row of `ENCODERS`: a function from
the embedded input to the representation that each head's tower reads, the same one for all heads or one for each.
"""

from collections.abc import Callable, Mapping, Sequence

import keras

from models.config import ModelConfig
from models.recipes import Encoder, Recipe
from transforms.packed import IdInput, PackedLayout

Encode = Callable[[keras.KerasTensor, Sequence[str], ModelConfig], dict[str, keras.KerasTensor]]


@keras.saving.register_keras_serializable("coldcast")
class MeanOfPresent(keras.layers.Layer):
    """Mean over a multi-valued feature's embeddings, padding left out.

    `y = sum_k w_k e_k / max(sum_k w_k, 1)` with `w_k = 1` if `ids_k != padding`, else 0; zeros where all are missing.

    Args:
        padding: the row of the fused table that means missing.
    """

    def __init__(self, padding: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, ids: keras.KerasTensor, embedded: keras.KerasTensor) -> keras.KerasTensor:
        """Maps int32 `[n, k]` and float32 `[n, k, dim]` to float32 `[n, dim]`."""
        present = keras.ops.cast(keras.ops.not_equal(ids, self.padding), embedded.dtype)[..., None]
        count = keras.ops.maximum(keras.ops.sum(present, axis=1), 1.0)
        return keras.ops.sum(embedded * present, axis=1) / count

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "padding": self.padding}


def build_model(layout: PackedLayout, recipe: Recipe, config: ModelConfig) -> keras.Model:
    """The untrained model of a recipe; initial weights follow Keras's global seed.

    Args:
        layout: columns of the packed inputs and rows of the fused embedding table.
        recipe: its heads and encoder.
        config: the sizes.

    Returns:
        A model from `{"ids": int32 [n, id_width], "floats": float32 [n, float_width]}` to logits `{head: float32 [n]}`.
    """
    ids = keras.Input((layout.id_width,), dtype="int32", name="ids")
    floats = keras.Input((layout.float_width,), dtype="float32", name="floats")
    joined = keras.layers.Concatenate(name="features")([*_embedded(layout, ids, config), floats])
    encoded = ENCODERS[recipe.encoder](joined, recipe.heads, config)
    logits = {head: _tower(head, encoded[head], config) for head in recipe.heads}
    return keras.Model({"ids": ids, "floats": floats}, logits, name="coldcast")


def _embedded(layout: PackedLayout, ids: keras.KerasTensor, config: ModelConfig) -> list[keras.KerasTensor]:
    """Looks up single-valued features in one gather, each multi-valued one in another."""
    if not layout.ids:  # a tensor without columns, but Keras wants every input connected
        return [keras.ops.cast(ids, "float32")]
    table = keras.layers.Embedding(layout.rows, config.embedding_dim, name="embedding")
    single = [spec.column for spec in layout.ids if spec.width == 1]
    pieces = [keras.layers.Flatten(name="single_valued")(table(_columns(ids, single)))] if single else []
    for spec in layout.ids:
        if spec.width > 1:
            values = _columns(ids, _span(spec))
            pieces.append(MeanOfPresent(spec.row, name=f"mean_{spec.name}")(values, table(values)))
    return pieces


def _span(spec: IdInput) -> list[int]:
    return list(range(spec.column, spec.column + spec.width))


def _columns(ids: keras.KerasTensor, columns: list[int]) -> keras.KerasTensor:
    if columns == list(range(columns[0], columns[-1] + 1)):  # a slice is cheaper than a gather
        return ids[:, columns[0] : columns[-1] + 1]
    return keras.ops.take(ids, columns, axis=1)


def _dense_encoder(
    joined: keras.KerasTensor, heads: Sequence[str], config: ModelConfig
) -> dict[str, keras.KerasTensor]:
    """Dense layers, each followed by batch norm: one representation that all heads share.

    The moving statistics are those of the training batches: of a half-and-half mix for a balanced recipe, of one source
    for a recipe trained on one. Scoring uses them alone, so an example's score does not depend on the mix it is judged
    or served in; but a source that was never trained on is normalised by the other's statistics, which is part of what
    scoring it cold means.
    """
    z = joined
    for index, units in enumerate(config.encoder_units):
        # The bias would be undone by batch norm, whose own one takes its place.
        z = keras.layers.Dense(units, use_bias=False, kernel_initializer="he_normal", name=f"encoder_{index}")(z)
        z = keras.layers.BatchNormalization(momentum=config.batch_norm_momentum, name=f"encoder_{index}_norm")(z)
        z = keras.layers.ReLU(name=f"encoder_{index}_relu")(z)
        if config.dropout:
            z = keras.layers.Dropout(config.dropout, name=f"encoder_{index}_dropout")(z)
    return dict.fromkeys(heads, z)


ENCODERS: Mapping[Encoder, Encode] = {"dense": _dense_encoder}


def _tower(head: str, z: keras.KerasTensor, config: ModelConfig) -> keras.KerasTensor:
    for index, units in enumerate(config.tower_units):
        z = keras.layers.Dense(units, activation="relu", kernel_initializer="he_normal", name=f"{head}_{index}")(z)
    logit = keras.layers.Dense(1, name=f"{head}_logit")(z)
    return keras.layers.Reshape((), name=head)(logit)
