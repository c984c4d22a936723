"""Rows of raw Parquet files, in the types of the contract (docs/data.md#what-is-accepted)."""

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from files.storage import open_file
from logs.casting import LossyCastError, cast
from logs.chunks import Chunk
from logs.columns import is_embedding, vector_column
from logs.errors import FileError, one_line, with_example
from logs.schema import TABLES, Column, Table
from transforms.feature import Feature

_LONGEST_MS = 10**12
"""Three decades: no sum and no timestamp may overflow, however absurd a listening time is."""


def load_chunk(chunk: Chunk, columns: tuple[Column, ...], features: tuple[Feature, ...]) -> pl.DataFrame:
    """The chunk's rows in order, cast; timestamps as int64 microseconds, empty ids as nulls, no endless listening.

    Raises:
        FileError: a page cannot be read, a value does not survive its cast, or a vector has another length than its
            feature.
    """
    names = [column.name for column in columns]
    tables = []
    for path, groups in chunk.parts:
        try:
            with open_file(path) as file:
                raw = pq.ParquetFile(file).read_row_groups(list(groups), columns=names)
                raw.validate(full=True)
        except (OSError, pa.ArrowException) as error:
            if "Expected all lists to be of size" in str(error):  # Arrow 10 writes such files and cannot read them
                raise FileError(path, "holds lists of fixed size with nulls among them; write plain lists") from None
            raise FileError(path, with_example("cannot be read as Parquet", one_line(error))) from None
        try:
            arrays = {column.name: _cast(raw[column.name], column) for column in columns}
        except LossyCastError as error:
            raise FileError(path, f"cannot be used: {one_line(error)}") from None
        _check_vectors(path, chunk.table, arrays, features)
        tables.append(pa.table(arrays))
    frame = pl.DataFrame(pl.from_arrow(pa.concat_tables(tables)))
    frame = frame.with_columns(
        pl.col(column.name).to_physical() for column in columns if pa.types.is_timestamp(column.type)
    )
    if chunk.table == "interactions":
        frame = frame.with_columns(pl.col("listened_ms").clip(upper_bound=_LONGEST_MS))
    return _without_empty_ids(frame, TABLES[chunk.table])


def _without_empty_ids(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Exports often write an empty string where there is no id; it must join nothing."""
    ids = [column.name for column in table.columns if column.name.endswith("_id")]
    empty = [name for name in ids if (frame[name] == "").any()]
    return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in empty)


def _cast(array: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    try:
        return cast(array, column.type)
    except LossyCastError as error:
        raise LossyCastError(f"column {column.name} {error}") from None


def _check_vectors(
    path: str, table_name: str, arrays: dict[str, pa.ChunkedArray], features: tuple[Feature, ...]
) -> None:
    for feature in features:
        table, name = vector_column(feature).split(".")
        if feature.storage.several != "fixed" or table != table_name:
            continue
        vectors = pl.Series(pl.from_arrow(arrays[name])).drop_nulls()
        lengths = vectors.list.len()
        wrong = lengths.filter(lengths != feature.length)
        if len(wrong):
            raise FileError(
                path,
                f"cannot be used: {table}.{name} holds vectors of {wrong[0]} numbers, and the feature "
                f"{feature.name} has the length {feature.length}; {_remedy(feature)}",
            )
        if vectors.explode().null_count() > (lengths == 0).sum():
            raise FileError(path, f"cannot be used: {table}.{name} holds vectors with nulls among their numbers")


def _remedy(feature: Feature) -> str:
    if is_embedding(feature):
        return "set features.embedding_length, or leave the feature out (docs/data.md#features)"
    return "change its `length` (docs/data.md#features)"
