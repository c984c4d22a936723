"""The packed form in which transformed features reach a model: one tensor of ids, one of floats.

Two wide tensors instead of dozens of narrow ones keep the graph small, which is what a request of few rows costs. A
`PackedLayout` says which columns are which feature.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from transforms.blocks import blocks_of, columns, width
from transforms.feature import Feature, Per
from transforms.learned import read_ids, read_table


@dataclass(frozen=True)
class IdInput:
    """One feature in the tensor of ids.

    Attributes:
        name: the feature.
        column: its first column of `ids`.
        width: its number of columns: 1, or the length of a `categories` feature.
        row: its first row of the fused embedding table: that of a missing value, and of padding.
        rows: its number of rows; a vocabulary's second row is for all values that are not in it.
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
        width: 2 for a numeric feature (its z-score, 0 if missing; then 1.0 if present, else 0.0), a vector's length.
    """

    name: str
    column: int
    width: int


@dataclass(frozen=True)
class Picked:
    """Which columns of one block of the Transform graph's output a model takes.

    Attributes:
        per: the block.
        ids: columns of `<per>_ids`, in the model's order.
        floats: columns of `<per>_floats`.
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
    """The columns of a model's two input tensors: those of request features first, then those of candidates'.

    Attributes:
        ids: features of `ids`, in column order.
        floats: features of `floats`, in column order.
        blocks: where the columns come from, request features first; a block without any is absent.
    """

    ids: tuple[IdInput, ...]
    floats: tuple[FloatInput, ...]
    blocks: tuple[Picked, ...] = ()

    @property
    def id_width(self) -> int:
        """Columns of `ids`."""
        return sum(one.width for one in self.ids)

    @property
    def float_width(self) -> int:
        """Columns of `floats`."""
        return sum(one.width for one in self.floats)

    @property
    def rows(self) -> int:
        """Rows of the fused embedding table."""
        return sum(one.rows for one in self.ids)

    def pack(self, transformed: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The model's inputs from the output of the Transform graph.

        Args:
            transformed: for each block `<per>_ids` int64 [n, all columns], local to each feature, and `<per>_floats`
                float32 [n, all columns], where they have any. The request's n may be 1 with more or no candidates:
                its row is then repeated.

        Returns:
            `ids` int32 [n, id_width], as rows of the fused embedding table; `floats` float32 [n, float_width].

        Raises:
            InvalidArgumentError: when run, for blocks whose lengths do not fit.
        """
        ids = [_take(transformed[f"{one.per}_ids"], one.ids, one.all_ids) for one in self.blocks if one.ids]
        floats = [
            _take(transformed[f"{one.per}_floats"], one.floats, one.all_floats) for one in self.blocks if one.floats
        ]
        last = self.blocks[-1]
        examples = tf.shape((ids if last.ids else floats)[-1])[0]
        first_rows = tf.constant([one.row for one in self.ids for _ in range(one.width)], tf.int32)
        return {
            "ids": tf.cast(_join(ids, examples, tf.int64), tf.int32) + first_rows,
            "floats": _join(floats, examples, tf.float32),
        }


def packed_layout(transform_output: TFTransformOutput, features: tuple[Feature, ...]) -> PackedLayout:
    """The layout of `features`, a part of what Transform was run over.

    Raises:
        KeyError: a feature that Transform does not know.
    """
    folder = transform_output.transform_savedmodel_dir
    return select(features, read_table(folder), read_ids(folder))


def select(features: tuple[Feature, ...], table: tuple[Feature, ...], rows: Mapping[str, int]) -> PackedLayout:
    """The layout of `features`, out of the output of a Transform over `table`.

    Args:
        features: the features a model takes.
        table: every feature that Transform knows, in its order.
        rows: for each feature with ids its number of ids, the one for missing included.

    Raises:
        KeyError: a feature is not in the table.
    """
    transformed = {block.per: block for block in blocks_of(table)}
    ids: list[IdInput] = []
    floats: list[FloatInput] = []
    picked = []
    column = row = float_column = 0
    for block in blocks_of(features):
        for feature in block.ids:
            ids.append(IdInput(feature.name, column, width(feature), row, rows[feature.name]))
            column += width(feature)
            row += rows[feature.name]
        for feature in block.floats:
            floats.append(FloatInput(feature.name, float_column, width(feature)))
            float_column += width(feature)
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
    return tuple(starts[feature.name] + offset for feature in features for offset in range(width(feature)))


def _take(tensor: tf.Tensor, picked: tuple[int, ...], width: int) -> tf.Tensor:
    tensor = tf.ensure_shape(tensor, [None, width])
    return tensor if picked == tuple(range(width)) else tf.gather(tensor, tf.constant(picked, tf.int32), axis=1)


def _join(parts: list[tf.Tensor], examples: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    if not parts:
        return tf.zeros([examples, 0], dtype)
    parts = [tf.broadcast_to(part, [examples, part.shape[1]]) for part in parts[:-1]] + parts[-1:]
    return tf.concat(parts, axis=1)
