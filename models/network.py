"""The model: one fused embedding table, a shared encoder, and a tower for each head (docs/model.md)."""

from collections.abc import Sequence

import keras

from models.config import ModelConfig
from models.layers.activation_unit import ActivationUnit
from models.layers.dense_by_number import DenseByNumber
from models.layers.id_dropout import IdDropout
from models.layers.mean_of_present import MeanOfPresent
from models.layers.piecewise_linear import PiecewiseLinear
from models.layers.tower import Tower
from models.model_inputs import InputColumns
from models.recipes import Recipe
from transforms.packed import FloatInput, IdInput, PackedLayout

EMBEDDING = "embedding"
"""Name of the layer with the fused embedding table."""

ENCODER = "encoder"
"""Name of the encoder's layer."""

NUMBERS = "numbers"
"""Name of the layer that embeds numbers; its weights have a row for each value, in the order of `joined_inputs`."""


def build_model(layout: PackedLayout, recipe: Recipe, config: ModelConfig) -> keras.Model:
    """The untrained model of a recipe; initial weights follow Keras's global seed.

    Args:
        layout: columns of the packed inputs and rows of the fused embedding table.
        recipe: its heads and encoder.
        config: the sizes that all recipes share.

    Returns:
        A model from `{"ids": int32 [n, id_width], "floats": float32 [n, float_width]}` to logits `{head: float32 [n]}`.
        In training, those of an ensemble are `[n, members]`.
    """
    ids = keras.Input((layout.id_width,), dtype="int32", name="ids")
    floats = keras.Input((layout.float_width,), dtype="float32", name="floats")
    joined = keras.layers.Concatenate(name="features")(
        [*_embedded(layout, _some_hidden(layout, ids, config), config), *_numbers(layout, floats, config)]
    )
    sections = [feature.width for feature in joined_inputs(layout, config)]
    encoder = recipe.encoder.layer(recipe.heads, sections)
    encoded = encoder(joined)
    logits = {
        head: Tower(config.tower_units, encoder.members, name=tower_name(head))(encoded[head]) for head in recipe.heads
    }
    return keras.Model({"ids": ids, "floats": floats}, logits, name="coldcast")


def tower_name(head: str) -> str:
    """Name of the layer that is the tower of `head`."""
    return f"tower_{head}"


def embedding_table(model: keras.Model) -> keras.Variable | None:
    """The fused embedding table of a model, `[rows, dim]`; None if the model has no ids."""
    return next((layer.embeddings for layer in model.layers if layer.name == EMBEDDING), None)


def joined_inputs(layout: PackedLayout, config: ModelConfig) -> tuple[InputColumns, ...]:
    """The features of the encoder's input, in column order."""
    width = config.numeric_width or config.numeric_bins + 1
    return (
        *(
            InputColumns(name=feature.name, packed="ids", width=config.embedding_dim)
            for feature in (*_single_valued(layout), *_multi_valued(layout))
        ),
        *(
            InputColumns(name=feature.name, packed="floats", width=feature.width)
            for feature in layout.floats
            if not _in_bins(feature, config)
        ),
        *(
            InputColumns(name=feature.name, packed="bins", width=len(feature.quantiles) * width)
            for feature in layout.floats
            if _in_bins(feature, config)
        ),
    )


def _some_hidden(layout: PackedLayout, ids: keras.KerasTensor, config: ModelConfig) -> keras.KerasTensor:
    """The ids, some of them hidden in training if the config says so."""
    columns = [feature for feature in layout.ids for _ in range(feature.width)]
    rates = [config.id_dropout * (feature.name in config.id_dropout_features) for feature in columns]
    return IdDropout([feature.row for feature in columns], rates, name="id_dropout")(ids) if any(rates) else ids


def _embedded(layout: PackedLayout, ids: keras.KerasTensor, config: ModelConfig) -> list[keras.KerasTensor]:
    """Looks up all single-valued features in one gather, and each multi-valued feature in its own."""
    if not layout.ids:  # a tensor without columns, but Keras wants every input connected
        return [keras.ops.cast(ids, "float32")]
    table = keras.layers.Embedding(layout.rows, config.embedding_dim, name=EMBEDDING)
    single = _single_valued(layout)
    embedded = table(_columns(ids, single)) if single else ids  # a placeholder that nothing reads
    pieces = [keras.layers.Flatten(name="single_valued")(embedded)] if single else []
    for feature in _multi_valued(layout):
        values = _columns(ids, [feature])
        owner = next((place for place, other in enumerate(single) if other.row == feature.row), None)
        if owner is None or config.history_pooling == "mean":
            pieces.append(MeanOfPresent(feature.row, name=f"mean_{feature.name}")(values, table(values)))
        else:
            unit = ActivationUnit(feature.row, name=f"attention_{feature.name}")
            pieces.append(unit(values, table(values), embedded[:, owner]))
    if config.embedding_dropout:
        dropout = keras.layers.Dropout(config.embedding_dropout, name="embedding_dropout")
        pieces = [dropout(piece) for piece in pieces]
    return pieces


def _numbers(layout: PackedLayout, floats: keras.KerasTensor, config: ModelConfig) -> list[keras.KerasTensor]:
    """The vectors and numbers as they are, then the numbers that go into bins."""
    binned = [feature for feature in layout.floats if _in_bins(feature, config)]
    if not binned:
        return [floats]
    plain = [feature for feature in layout.floats if feature not in binned]
    boundaries = [_merged(values, config.numeric_bins) for feature in binned for values in feature.quantiles]
    pairs = keras.layers.Reshape((len(boundaries), 2), name="pairs")(_columns(floats, binned))
    encoded = PiecewiseLinear(boundaries, name="bins")(pairs)
    if config.numeric_width:
        encoded = DenseByNumber(config.numeric_width, name=NUMBERS)(encoded)
    return [*([_columns(floats, plain)] if plain else []), keras.layers.Flatten(name="numeric")(encoded)]


def _in_bins(feature: FloatInput, config: ModelConfig) -> bool:
    return bool(config.numeric_bins and feature.quantiles)


def _merged(quantiles: Sequence[float], bins: int) -> list[float]:
    """The boundaries of fewer bins; each joins some neighbouring bins of Transform."""
    steps = len(quantiles) - 1
    return [quantiles[round(steps * boundary / bins)] for boundary in range(bins + 1)]


def _single_valued(layout: PackedLayout) -> list[IdInput]:
    return [feature for feature in layout.ids if feature.width == 1]


def _multi_valued(layout: PackedLayout) -> list[IdInput]:
    return [feature for feature in layout.ids if feature.width > 1]


def _columns(packed: keras.KerasTensor, features: Sequence[IdInput | FloatInput]) -> keras.KerasTensor:
    """The columns of some features, in order: slices of neighbours, which are cheaper than a gather."""
    runs: list[tuple[int, int]] = []
    for feature in features:
        end = feature.column + feature.width
        if runs and runs[-1][1] == feature.column:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((feature.column, end))
    slices = [packed[:, start:end] for start, end in runs]
    return slices[0] if len(slices) == 1 else keras.ops.concatenate(slices, axis=1)
