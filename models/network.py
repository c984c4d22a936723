"""The model: one fused embedding table, a shared encoder, and a tower for each head (docs/model.md)."""

import keras

from models.config import ModelConfig
from models.layers.mean_of_present import MeanOfPresent
from models.layers.tower import Tower
from models.model_inputs import InputColumns
from models.recipes import Recipe
from transforms.packed import IdInput, PackedLayout

EMBEDDING = "embedding"
"""Name of the layer with the fused embedding table."""

ENCODER = "encoder"
"""Name of the encoder's layer."""


def build_model(layout: PackedLayout, recipe: Recipe, config: ModelConfig) -> keras.Model:
    """The untrained model of a recipe; initial weights follow Keras's global seed.

    Args:
        layout: columns of the packed inputs and rows of the fused embedding table.
        recipe: its heads and encoder.
        config: the sizes that all recipes share.

    Returns:
        A model from `{"ids": int32 [n, id_width], "floats": float32 [n, float_width]}` to logits `{head: float32 [n]}`.
    """
    ids = keras.Input((layout.id_width,), dtype="int32", name="ids")
    floats = keras.Input((layout.float_width,), dtype="float32", name="floats")
    joined = keras.layers.Concatenate(name="features")([*_embedded(layout, ids, config), floats])
    encoded = recipe.encoder.layer(recipe.heads)(joined)
    logits = {head: Tower(config.tower_units, name=tower_name(head))(encoded[head]) for head in recipe.heads}
    return keras.Model({"ids": ids, "floats": floats}, logits, name="coldcast")


def tower_name(head: str) -> str:
    """Name of the layer that is the tower of `head`."""
    return f"tower_{head}"


def joined_inputs(layout: PackedLayout, config: ModelConfig) -> tuple[InputColumns, ...]:
    """The features of the encoder's input, in column order."""
    return (
        *(
            InputColumns(name=feature.name, packed="ids", width=config.embedding_dim)
            for feature in (*_single_valued(layout), *_multi_valued(layout))
        ),
        *(InputColumns(name=feature.name, packed="floats", width=feature.width) for feature in layout.floats),
    )


def _embedded(layout: PackedLayout, ids: keras.KerasTensor, config: ModelConfig) -> list[keras.KerasTensor]:
    """Looks up all single-valued features in one gather, and each multi-valued feature in its own."""
    if not layout.ids:  # a tensor without columns, but Keras wants every input connected
        return [keras.ops.cast(ids, "float32")]
    table = keras.layers.Embedding(layout.rows, config.embedding_dim, name=EMBEDDING)
    single = [feature.column for feature in _single_valued(layout)]
    pieces = [keras.layers.Flatten(name="single_valued")(table(_columns(ids, single)))] if single else []
    for feature in _multi_valued(layout):
        values = _columns(ids, list(range(feature.column, feature.column + feature.width)))
        pieces.append(MeanOfPresent(feature.row, name=f"mean_{feature.name}")(values, table(values)))
    return pieces


def _single_valued(layout: PackedLayout) -> list[IdInput]:
    return [feature for feature in layout.ids if feature.width == 1]


def _multi_valued(layout: PackedLayout) -> list[IdInput]:
    return [feature for feature in layout.ids if feature.width > 1]


def _columns(ids: keras.KerasTensor, columns: list[int]) -> keras.KerasTensor:
    if columns == list(range(columns[0], columns[-1] + 1)):  # a slice is cheaper than a gather
        return ids[:, columns[0] : columns[-1] + 1]
    return keras.ops.take(ids, columns, axis=1)
