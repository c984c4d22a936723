"""The packed form in which transformed features reach a model: one tensor of ids, one of floats.

Two wide tensors instead of dozens of narrow ones keep the graph small, which is what a request of few rows costs
(docs/performance.md). A `Layout` says which columns are which feature.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tensorflow as tf
import tensorflow_transform as tft

from transforms.features import Feature
from transforms.learned import read_ids, read_table

MISSING = 0
"""Local id of a missing value, and of padding after the last value of a `categories` feature."""


@dataclass(frozen=True)
class IdInput:
    """One feature in the tensor of ids.

    Attributes:
        name: the feature.
        column: its first column of `ids`.
        width: its number of columns: 1, or the length of a `categories` feature.
        row: its first row of the fused embedding table: that of a missing value and of padding.
        rows: its number of rows; a vocabulary's second row is for values that are not in it.
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
class Layout:
    """The columns of a model's two input tensors, and where each comes from in the transformed tensors.

    Attributes:
        ids: features of `ids`, in column order.
        floats: features of `floats`, in column order.
        id_columns: for each column of `ids` its column of the transformed `ids`.
        float_columns: likewise for `floats`.
        transformed_widths: widths of the transformed `ids` and `floats`.
    """

    ids: tuple[IdInput, ...]
    floats: tuple[FloatInput, ...]
    id_columns: tuple[int, ...]
    float_columns: tuple[int, ...]
    transformed_widths: tuple[int, int]

    @property
    def id_width(self) -> int:
        """Columns of `ids`."""
        return len(self.id_columns)

    @property
    def float_width(self) -> int:
        """Columns of `floats`."""
        return len(self.float_columns)

    @property
    def rows(self) -> int:
        """Rows of the fused embedding table."""
        return sum(one.rows for one in self.ids)

    def pack(self, transformed: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The model's inputs from the output of the Transform graph.

        Args:
            transformed: `ids` int64 [n, all id columns], local to each feature, and `floats` float32 [n, all float
                columns], of every feature that Transform knows.

        Returns:
            `ids` int32 [n, id_width], as rows of the fused embedding table; `floats` float32 [n, float_width].
        """
        ids = _columns(transformed["ids"], self.id_columns, self.transformed_widths[0])
        first_rows = [one.row for one in self.ids for _ in range(one.width)]
        floats = _columns(transformed["floats"], self.float_columns, self.transformed_widths[1])
        return {"ids": tf.cast(ids, tf.int32) + tf.constant(first_rows, tf.int32), "floats": floats}


def layout(transform_output: tft.TFTransformOutput, features: tuple[Feature, ...]) -> Layout:
    """The layout of `features`, a part of what Transform was run over.

    Raises:
        KeyError: a feature that Transform does not know.
    """
    folder = transform_output.transform_savedmodel_dir
    return select(features, read_table(folder), read_ids(folder))


def select(features: tuple[Feature, ...], table: tuple[Feature, ...], rows: Mapping[str, int]) -> Layout:
    """The layout of `features`, out of the transformed tensors of a Transform over `table`.

    Args:
        features: the features a model takes.
        table: every feature that Transform knows, in its order.
        rows: for each feature with ids its number of ids, the one for missing included.

    Raises:
        KeyError: a feature is not in the table.
    """
    id_start = {name: column for name, column, _ in _spans(table, ids=True)}
    float_start = {name: column for name, column, _ in _spans(table, ids=False)}
    ids, row = [], 0
    for name, column, width in _spans(features, ids=True):
        ids.append(IdInput(name, column, width, row, rows[name]))
        row += rows[name]
    floats = [FloatInput(name, column, width) for name, column, width in _spans(features, ids=False)]
    return Layout(
        ids=tuple(ids),
        floats=tuple(floats),
        id_columns=tuple(id_start[one.name] + offset for one in ids for offset in range(one.width)),
        float_columns=tuple(float_start[one.name] + offset for one in floats for offset in range(one.width)),
        transformed_widths=(
            sum(width for *_, width in _spans(table, ids=True)),
            sum(width for *_, width in _spans(table, ids=False)),
        ),
    )


ID_KINDS = ("category", "categories", "hashed")
FLOAT_KINDS = ("numeric", "vector")
_LONG_KINDS = ("categories", "vector")
_NUMERIC_WIDTH = 2


def _spans(features: tuple[Feature, ...], *, ids: bool) -> Iterator[tuple[str, int, int]]:
    """Name, first column and width of each feature with ids (or with floats), kind by kind."""
    column = 0
    for kind in ID_KINDS if ids else FLOAT_KINDS:
        for feature in features:
            if feature.kind == kind:
                width = _NUMERIC_WIDTH if kind == "numeric" else feature.length if kind in _LONG_KINDS else 1
                yield feature.name, column, width
                column += width


def _columns(tensor: tf.Tensor, columns: tuple[int, ...], width: int) -> tf.Tensor:
    if columns == tuple(range(width)):
        return tensor
    return tf.gather(tensor, tf.constant(columns, tf.int32), axis=1)
