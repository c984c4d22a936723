"""Step 1: raw files become clean, bucketed Arrow files; bad rows go to quarantine."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from components.ingestion.compute.buckets import bucket_of, split_by
from components.ingestion.compute.coverage import FATES, Coverage
from components.ingestion.outputs.accounting import DayCount
from components.ingestion.outputs.quarantine import reason
from files.storage import open_file, write_batches
from logs.casting import LossyCastError, cast
from logs.chunks import Chunk
from logs.columns import named_columns
from logs.errors import FileError, one_line, with_example
from logs.schema import TABLES, Column, Table
from logs.times import day_number
from transforms.domain import Domain
from transforms.feature import Feature

_IMPRESSION = ("chunk", "row", "timestamp", "user_id", "show_id", "impression_id")
_INTERACTION = ("chunk", "row", "timestamp", "user_id", "show_id", "kind", "listened_ms", "impression_id")
_LONGEST_MS = 10**12  # three decades: no sum and no timestamp may overflow, however absurd a listening time is
_CARRIED = ("impression_id", "timestamp", "source", "user_id", "show_id", "episode_id", "spend_micros")


Content = Literal["by_user", "by_id", "whole"]
"""How a file holds clean rows: one batch a bucket of users, one batch a bucket of ids, or all rows in one batch."""


@dataclass(frozen=True)
class ReadChunk:
    """A work item; its files are `<scratch>/rows/<table>-<number>-<content>.arrow`."""

    chunk: Chunk
    columns: tuple[Column, ...]
    features: tuple[Feature, ...]
    domain: Domain
    buckets: int
    scratch: str


@dataclass(frozen=True)
class CleanRows:
    """A chunk that was read.

    Attributes:
        rows: rows of the chunk, good and bad.
        quarantined: bad rows by reason.
        files: files of good rows.
        quarantine: the file of bad rows, None without any.
    """

    rows: int
    quarantined: dict[str, int]
    files: dict[Content, str]
    quarantine: str | None


def read_chunk(item: ReadChunk) -> CleanRows:
    """Reads, casts, quarantines and buckets one chunk.

    Raises:
        FileError: if a page cannot be read, or a value does not survive its cast.
    """
    chunk = item.chunk
    frame = _load(chunk, item.columns, item.features)
    reasons = frame.select(reason(TABLES[chunk.table], chunk.day, item.domain)).to_series()
    bad = reasons.is_not_null()
    base = f"{item.scratch}/rows/{chunk.table}-{chunk.number:06d}"
    quarantine = f"{base}-quarantine.arrow" if bad.any() else None
    if quarantine:
        write_batches(quarantine, [_quarantined(frame, reasons, chunk.table)])
        frame = frame.filter(~bad)
    frame = _with_full_names(frame, item)
    if chunk.table == "interactions":
        listened = pl.col("listened_ms").clip(upper_bound=_LONGEST_MS)
        frame = frame.with_columns(pl.col("kind").cast(pl.Enum(item.domain.kinds)).to_physical(), listened)
    if chunk.day:
        frame = frame.with_columns(day=pl.lit(day_number(chunk.day), pl.Int64))
    frame = frame.with_columns(chunk=pl.lit(chunk.number, pl.UInt32), row=pl.int_range(pl.len(), dtype=pl.UInt32))
    files: dict[Content, str] = {}
    for content, frames in _outputs(frame, item).items():
        files[content] = f"{base}-{content}.arrow"
        write_batches(files[content], frames)
    return CleanRows(len(bad), _counts(reasons), files, quarantine)


@dataclass
class Preview:
    """A table that was read without writing anything.

    Attributes:
        quarantined: rows by reason.
        problems: what would stop ingestion, as (path, problem).
        usable: good impressions by day, source and fate (`compute.coverage.FATES`); duplicates are counted, too.
    """

    quarantined: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    usable: Counter[tuple[date, str, str]] = field(default_factory=Counter)

    @property
    def sources(self) -> set[str]:
        """Sources of the good impressions."""
        return {source for _, source, _ in self.usable}

    def days(self) -> dict[str, DayCount]:
        """Good impressions by day (ISO), in order, counted as the accounting counts them."""
        counts: dict[date, dict[str, Counter[str]]] = {}
        for (day, source, fate), rows in sorted(self.usable.items()):
            counts.setdefault(day, {name: Counter() for name in FATES})[fate][source] += rows
        return {
            day.isoformat(): DayCount(
                rows=sum(by_source.total() for by_source in by_fate.values()),
                quarantined=0,
                duplicate=0,
                immature=by_fate["immature"].total(),
                labelled=dict(by_fate["labelled"]),
                unobserved=by_fate["unobserved"].total(),
            )
            for day, by_fate in counts.items()
        }


def preview(
    chunks: Iterable[Chunk],
    columns: tuple[Column, ...],
    features: tuple[Feature, ...],
    domain: Domain,
    coverage: Coverage,
) -> Preview:
    """Reads `chunks` of one table as `read_chunk` does, but writes nothing.

    Args:
        chunks: chunks of one table.
        columns: the columns to read.
        features: the feature table.
        domain: the known sources and kinds, and the windows.
        coverage: the days of interactions.
    """
    result = Preview()
    for chunk in chunks:
        try:
            frame = _load(chunk, columns, features)
        except FileError as error:
            result.problems.append((error.path, error.problem))
            continue
        reasons = frame.select(reason(TABLES[chunk.table], chunk.day, domain)).to_series()
        result.quarantined.update(_counts(reasons))
        if chunk.table == "impressions" and chunk.day:
            good = frame.filter(reasons.is_null()).select("source", "timestamp")
            fates = np.array(FATES)[coverage.fates(good["timestamp"].to_numpy(), domain.longest_window_us)]
            counted = good.group_by("source", pl.Series("fate", fates, dtype=pl.String)).len()
            result.usable.update({(chunk.day, source, fate): rows for source, fate, rows in counted.iter_rows()})
    return result


def _load(chunk: Chunk, columns: tuple[Column, ...], features: tuple[Feature, ...]) -> pl.DataFrame:
    """The chunk's rows in order, cast; timestamps as int64 microseconds, empty ids as nulls."""
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


def _check_vectors(path: str, of: str, arrays: dict[str, pa.ChunkedArray], features: tuple[Feature, ...]) -> None:
    for feature in features:
        table, name = feature.column.split(".")
        if feature.storage.several != "fixed" or table != of:
            continue
        vectors = pl.Series(pl.from_arrow(arrays[name])).drop_nulls()
        lengths = vectors.list.len()
        wrong = lengths.filter(lengths != feature.length)
        if len(wrong):
            raise FileError(
                path,
                f"cannot be used: {feature.column} holds vectors of {wrong[0]} numbers, and the feature "
                f"{feature.name} has the length {feature.length}; replace it by a feature of your length "
                "(docs/data.md#features)",
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


def _outputs(frame: pl.DataFrame, item: ReadChunk) -> dict[Content, Iterable[pl.DataFrame]]:
    """The columns of clean rows that later steps read, by content of the file."""
    table = item.chunk.table
    full = named_columns(item.features, table)
    if table in ("shows", "episodes"):
        return {"whole": [frame.select(TABLES[table].id, *full)]}
    by_user = bucket_of(frame["user_id"], item.buckets)
    if table == "users":
        profiles = frame.select("user_id", "day", *full)
        return {"by_user": split_by(profiles, by_user, item.buckets)}
    narrow = frame.select(_INTERACTION if table == "interactions" else _IMPRESSION)
    keys = frame.select(pl.col(TABLES[table].id).alias("id"), "timestamp", "chunk", "row", bucket=pl.Series(by_user))
    by_id = bucket_of(keys["id"], item.buckets)
    outputs: dict[Content, Iterable[pl.DataFrame]] = {
        "by_user": split_by(narrow, by_user, item.buckets),
        "by_id": split_by(keys, by_id, item.buckets),
    }
    if table == "impressions":
        outputs["whole"] = [frame.select(*_CARRIED, *full)]
    return outputs
