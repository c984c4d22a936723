"""Stage 1: raw files become clean, bucketed Arrow files; bad rows go to quarantine."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from components.ingestion.compute.buckets import bucket_of, split_by
from components.ingestion.outputs.quarantine import reason
from files.storage import open_file, write_batches
from logs.casting import LossyCastError, cast
from logs.chunks import Chunk
from logs.columns import named_columns
from logs.errors import FileError, one_line
from logs.schema import KINDS, TABLES, Column
from logs.times import day_number
from transforms.feature import Feature

_IMPRESSION = ("chunk", "row", "timestamp", "user_id", "show_id", "impression_id")
_INTERACTION = ("chunk", "row", "timestamp", "user_id", "show_id", "kind", "listened_ms", "impression_id")
_LONGEST_MS = 10**12  # three decades: a greater listening time, nonsense, must overflow no sum and no timestamp
_CARRIED = ("impression_id", "timestamp", "source", "user_id", "show_id", "episode_id", "spend_micros")


@dataclass(frozen=True)
class ReadChunk:
    """A work item of this stage; files are written as `<scratch>/<table>-<number>-<what>.arrow`."""

    chunk: Chunk
    columns: tuple[Column, ...]
    features: tuple[Feature, ...]
    buckets: int
    scratch: str


def read_chunk(item: ReadChunk) -> dict[str, Any]:
    """Reads, casts, quarantines and buckets one chunk.

    Returns:
        in, quarantined (rows by reason) and files: the paths of what was written, by what it is.

    Raises:
        FileError: if a page cannot be read, or a value does not survive its cast.
    """
    chunk = item.chunk
    frame = _load(chunk, item.columns, item.features)
    reasons = frame.select(reason(TABLES[chunk.table], chunk.day)).to_series()
    bad = reasons.is_not_null()
    base = f"{item.scratch}/rows/{chunk.table}-{chunk.number:06d}"
    files = {}
    if bad.any():
        files["quarantine"] = f"{base}-quarantine.arrow"
        write_batches(files["quarantine"], [_quarantined(frame, reasons, chunk.table)])
        frame = frame.filter(~bad)
    frame = _with_full_names(frame, item)
    if chunk.table == "interactions":
        listened = pl.col("listened_ms").clip(upper_bound=_LONGEST_MS)
        frame = frame.with_columns(pl.col("kind").cast(pl.Enum(KINDS)).to_physical(), listened)
    if chunk.day:
        frame = frame.with_columns(day=pl.lit(day_number(chunk.day), pl.Int64))
    frame = frame.with_columns(chunk=pl.lit(chunk.number, pl.UInt32), row=pl.int_range(pl.len(), dtype=pl.UInt32))
    for what, frames in _outputs(frame, item).items():
        files[what] = f"{base}-{what}.arrow"
        write_batches(files[what], frames)
    return {"in": len(bad), "quarantined": _counts(reasons), "files": files}


@dataclass
class Preview:
    """What reading a table would find.

    Attributes:
        quarantined: rows by reason.
        problems: what would stop it, as (path, problem).
        days: of impressions, usable rows by day, source and whether they are mature; duplicates are counted, too.
    """

    quarantined: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    days: Counter[tuple[date, str, bool]] = field(default_factory=Counter)


def preview(
    chunks: Iterable[Chunk], columns: tuple[Column, ...], features: tuple[Feature, ...], mature_until: int
) -> Preview:
    """Reads `chunks` of one table as `read_chunk` would, but writes nothing.

    Args:
        chunks: of one table.
        columns: to read.
        features: the feature table.
        mature_until: the last microsecond at which an impression is mature.
    """
    found = Preview()
    for chunk in chunks:
        try:
            frame = _load(chunk, columns, features)
        except FileError as error:
            found.problems.append((error.path, error.problem))
            continue
        reasons = frame.select(reason(TABLES[chunk.table], chunk.day)).to_series()
        found.quarantined.update(_counts(reasons))
        if chunk.table == "impressions" and chunk.day:
            mature = pl.col("timestamp") <= mature_until
            usable = frame.filter(reasons.is_null()).group_by("source", mature=mature).len()
            found.days.update({(chunk.day, source, mature): rows for source, mature, rows in usable.iter_rows()})
    return found


def _load(chunk: Chunk, columns: tuple[Column, ...], features: tuple[Feature, ...]) -> pl.DataFrame:
    """The chunk's rows in order, cast; timestamps as int64 microseconds."""
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
            raise FileError(path, f"cannot be read as Parquet: {one_line(error)}") from None
        try:
            arrays = {column.name: _cast(raw[column.name], column) for column in columns}
        except LossyCastError as error:
            raise FileError(path, f"cannot be used: {one_line(error)}") from None
        _check_vectors(path, chunk.table, arrays, features)
        tables.append(pa.table(arrays))
    frame = pl.DataFrame(pl.from_arrow(pa.concat_tables(tables)))
    return frame.with_columns(
        pl.col(column.name).to_physical() for column in columns if pa.types.is_timestamp(column.type)
    )


def _cast(array: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    try:
        return cast(array, column.type)
    except LossyCastError as error:
        raise LossyCastError(f"column {column.name} {error}") from None


def _check_vectors(path: str, of: str, arrays: dict[str, pa.ChunkedArray], features: tuple[Feature, ...]) -> None:
    for feature in features:
        table, name = feature.column.split(".")
        if feature.kind != "vector" or table != of:
            continue
        vectors = pl.Series(pl.from_arrow(arrays[name])).drop_nulls()
        lengths = vectors.list.len()
        wrong = lengths.filter(lengths != feature.length)
        if len(wrong):
            raise FileError(
                path,
                f"cannot be used: {feature.column} holds vectors of {wrong[0]} numbers and feature {feature.name} "
                f"wants {feature.length}; put a feature with the length of yours in its place (docs/data.md#features)",
            )
        if vectors.explode().null_count() > (lengths == 0).sum():
            raise FileError(path, f"cannot be used: {feature.column} holds vectors with nulls among their numbers")


def _counts(reasons: pl.Series) -> dict[str, int]:
    counted = reasons.drop_nulls().value_counts()
    return dict(zip(*counted.to_dict(as_series=False).values(), strict=True))


def _quarantined(frame: pl.DataFrame, reasons: pl.Series, table: str) -> pl.DataFrame:
    rows = frame.select(table=pl.lit(table), id=pl.col(TABLES[table].id), reason=reasons)
    return rows.filter(pl.col("reason").is_not_null())


def _with_full_names(frame: pl.DataFrame, item: ReadChunk) -> pl.DataFrame:
    """The contract's columns, and again under their full names those that `named_columns` lists.

    From here on a column of the user's own has a point in its name, so that it cannot meet one of ingestion's.
    """
    table = item.chunk.table
    contract = [column.name for column in TABLES[table].columns]
    full = named_columns(item.features, table)
    return frame.select(*contract, *(pl.col(name.removeprefix(f"{table}.")).alias(name) for name in full))


def _outputs(frame: pl.DataFrame, item: ReadChunk) -> dict[str, Iterable[pl.DataFrame]]:
    """What later stages read of clean rows: by user (`rows`), by id (`keys`), or as they are (`whole`)."""
    table = item.chunk.table
    full = named_columns(item.features, table)
    if table in ("shows", "episodes"):
        return {"whole": [frame.select(TABLES[table].id, *full)]}
    by_user = bucket_of(frame["user_id"], item.buckets)
    if table == "users":
        profiles = frame.select("user_id", "day", *full)
        return {"rows": split_by(profiles, by_user, item.buckets)}
    narrow = frame.select(_INTERACTION if table == "interactions" else _IMPRESSION)
    keys = frame.select(pl.col(TABLES[table].id).alias("id"), "timestamp", "chunk", "row", bucket=pl.Series(by_user))
    by_id = bucket_of(keys["id"], item.buckets)
    outputs: dict[str, Iterable[pl.DataFrame]] = {
        "rows": split_by(narrow, by_user, item.buckets),
        "keys": split_by(keys, by_id, item.buckets),
    }
    if table == "impressions":
        outputs["whole"] = [frame.select(*_CARRIED, *full)]
    return outputs
