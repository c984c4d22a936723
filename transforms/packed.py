"""The packed form in which transformed features reach a model: one tensor of ids, one of floats.

Two wide tensors instead of dozens of narrow ones keep the graph small: for a request of few rows, the number of
operations is the cost. A `PackedLayout` maps columns to features.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from transforms.blocks import blocks_of, columns
from transforms.feature import Feature, Per
from transforms.learned import Quantiles, read_ids, read_quantiles, read_table


@dataclass(frozen=True)
class IdInput:
    """One feature in the tensor of ids.

    Attributes:
        name: the feature.
        column: its first column of `ids`.
        width: its number of columns: 1, or the `length` of a kind with several values.
        row: its first row of the fused embedding table, which stands for a missing value and for padding. Features
            that share rows (`Feature.shares`) have the same one.
        rows: its number of rows; a vocabulary's second row stands for all values that are not in it.
    """

    name: str
    column: int
    width: int
    row: int
    rows: int


@dataclass(frozen=True)
class FloatInput:
    """One feature in the tensor of floats.

    Attributes:
        name: the feature.
        column: its first column of `floats`.
        width: its number of columns: the length of a vector; for each value of a z-scored feature 2, the score (0 if
            missing) and its presence (1.0 or 0.0).
        quantiles: of the scores over the training rows, for each value; empty for a vector.
    """

    name: str
    column: int
    width: int
    quantiles: Quantiles = ()


@dataclass(frozen=True)
class Picked:
    """The columns that a model takes from one block of the Transform graph's output.

    Attributes:
        per: the block.
        ids: picked columns of `<per>_ids`, in the model's order.
        floats: picked columns of `<per>_floats`.
        all_ids: the number of columns that `<per>_ids` has.
        all_floats: the number of columns that `<per>_floats` has.
    """

    per: Per
    ids: tuple[int, ...]
    floats: tuple[int, ...]
    all_ids: int
    all_floats: int


@dataclass(frozen=True)
class PackedLayout:
    """The columns of a model's two input tensors: request features first, then candidate features.

    Attributes:
        ids: features of `ids`, in column order.
        floats: features of `floats`, in column order.
        blocks: the sources of the columns, request features first, without blocks that the model takes no column of.
    """

    ids: tuple[IdInput, ...]
    floats: tuple[FloatInput, ...]
    blocks: tuple[Picked, ...] = ()

    @property
    def id_width(self) -> int:
        """Columns of `ids`."""
        return sum(feature.width for feature in self.ids)

    @property
    def float_width(self) -> int:
        """Columns of `floats`."""
        return sum(feature.width for feature in self.floats)

    @property
    def rows(self) -> int:
        """Rows of the fused embedding table."""
        return max((feature.row + feature.rows for feature in self.ids), default=0)

    def pack(self, transformed: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The model's inputs from the output of the Transform graph.

        Args:
            transformed: for each block `<per>_ids` int64 [n, all columns], local to each feature, and `<per>_floats`
                float32 [n, all columns], where they have any. The number of examples is the n of the last block: of
                the candidates, if the model takes candidate features. Another block may have n = 1: its row is then
                repeated.

        Returns:
            `ids` int32 [n, id_width], as rows of the fused embedding table; `floats` float32 [n, float_width].

        Raises:
            InvalidArgumentError: when run, for blocks whose lengths do not fit.
        """
        ids = {
            block.per: _take(transformed[f"{block.per}_ids"], block.ids, block.all_ids)
            for block in self.blocks
            if block.ids
        }
        floats = {
            block.per: _take(transformed[f"{block.per}_floats"], block.floats, block.all_floats)
            for block in self.blocks
            if block.floats
        }
        last = self.blocks[-1].per
        examples = tf.shape(ids[last] if last in ids else floats[last])[0]
        first_rows = tf.constant([feature.row for feature in self.ids for _ in range(feature.width)], tf.int32)
        return {
            "ids": tf.cast(_join(ids, last, examples, tf.int64), tf.int32) + first_rows,
            "floats": _join(floats, last, examples, tf.float32),
        }


def packed_layout(transform_output: TFTransformOutput, features: tuple[Feature, ...]) -> PackedLayout:
    """The layout of `features`, some of the features that Transform ran over.

    Raises:
        KeyError: a feature that Transform does not know.
    """
    folder = transform_output.transform_savedmodel_dir
    table = read_table(folder)
    scored = any(feature.storage.encoding == "z_score" for feature in table)
    return select(features, table, read_ids(folder), read_quantiles(folder) if scored else {})


def select(
    features: tuple[Feature, ...],
    table: tuple[Feature, ...],
    rows: Mapping[str, int],
    quantiles: Mapping[str, Quantiles] = MappingProxyType({}),
) -> PackedLayout:
    """The layout of `features` in the output of a Transform over `table`.

    Args:
        features: the features a model takes.
        table: every feature that Transform knows, in its order.
        rows: for each feature with ids its number of ids, including the id for missing values.
        quantiles: for each z-scored feature the quantiles of its scores; without them, numbers cannot go into bins.

    Raises:
        KeyError: a feature is not in the table.
    """
    transformed = {block.per: block for block in blocks_of(table)}
    ids: list[IdInput] = []
    floats: list[FloatInput] = []
    picked = []
    first_rows: dict[str, int] = {}
    column = row = float_column = 0
    for block in blocks_of(features):
        for feature in block.ids:
            owner = feature.shares or feature.name
            if owner not in first_rows:
                first_rows[owner] = row
                row += rows[feature.name]
            ids.append(IdInput(feature.name, column, feature.width, first_rows[owner], rows[feature.name]))
            column += feature.width
        for feature in block.floats:
            floats.append(FloatInput(feature.name, float_column, feature.width, quantiles.get(feature.name, ())))
            float_column += feature.width
        whole = transformed[block.per]
        picked.append(
            Picked(
                block.per,
                _pick(block.ids, whole.ids),
                _pick(block.floats, whole.floats),
                columns(whole.ids),
                columns(whole.floats),
            )
        )
    return PackedLayout(tuple(ids), tuple(floats), tuple(picked))


def _pick(features: tuple[Feature, ...], whole: tuple[Feature, ...]) -> tuple[int, ...]:
    """The columns of `features` among those of `whole`."""
    starts = {feature.name: columns(whole[:position]) for position, feature in enumerate(whole)}
    return tuple(starts[feature.name] + offset for feature in features for offset in range(feature.width))


def _take(tensor: tf.Tensor, picked: tuple[int, ...], width: int) -> tf.Tensor:
    tensor = tf.ensure_shape(tensor, [None, width])
    return tensor if picked == tuple(range(width)) else tf.gather(tensor, tf.constant(picked, tf.int32), axis=1)


def _join(parts: Mapping[Per, tf.Tensor], last: Per, examples: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """The parts side by side, of `examples` rows each. A single row of a part is repeated, unless the part is `last`.

    The reshape of the last part keeps its shape. It fails if candidates have more rows of ids than of floats, or fewer.
    """
    if not parts:
        return tf.zeros([examples, 0], dtype)
    fit = {per: tf.reshape if per == last else tf.broadcast_to for per in parts}
    return tf.concat([fit[per](part, [examples, part.shape[1]]) for per, part in parts.items()], axis=1)
