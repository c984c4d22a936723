"""Step 1: raw files become clean, bucketed Arrow files; bad rows go to quarantine."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from components.ingestion.compute.buckets import bucket_of, split_by
from components.ingestion.outputs.quarantine import counts_of, reason
from components.ingestion.steps.load import load_chunk
from files.storage import write_batches
from logs.chunks import Chunk
from logs.columns import named_columns
from logs.schema import TABLES, Column
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
    frame = load_chunk(chunk, item.columns, item.features)
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
    return CleanRows(len(bad), counts_of(reasons), files, quarantine)


def _quarantined(frame: pl.DataFrame, reasons: pl.Series, table: str) -> pl.DataFrame:
    rows = frame.select(table=pl.lit(table), id=pl.col(TABLES[table].id), reason=reasons)
    return rows.filter(pl.col("reason").is_not_null())


def _with_full_names(frame: pl.DataFrame, item: ReadChunk) -> pl.DataFrame:
    """The contract's columns, and again under their full names those that `named_columns` lists.

    A full name contains a point, so a column of the user's own cannot have the name of one of ingestion's columns.
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
