"""Raw files become clean, bucketed Arrow files; bad rows go to quarantine."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from components.ingestion.compute.buckets import bucket_of, hash_of, split_by
from components.ingestion.compute.event_windows import known_at
from components.ingestion.outputs.quarantine import counts_of, reason
from components.ingestion.steps.entities import entity_columns, placement
from components.ingestion.steps.load import load_chunk
from files.storage import write_batches, write_numbers
from logs.chunks import Chunk
from logs.columns import entities_of, named_columns
from logs.schema import TABLES, Column
from logs.times import DAY_US, day_number
from transforms.domain import Domain
from transforms.feature import Feature

_IMPRESSION = ("chunk", "row", "timestamp", "user_id", "show_id", "impression_id", "source_code")
_INTERACTION = ("chunk", "row", "timestamp", "user_id", "show_id", "kind", "listened_ms", "impression_id")
_CARRIED = ("impression_id", "timestamp", "source", "user_id", "show_id", "episode_id", "spend_micros")


Content = Literal["by_user", "whole", "hashes", "keys", "episodes", "quarantine"]
"""The content of a file of a chunk.

`by_user`: clean rows, one batch a bucket of users. `whole`: clean rows in one batch. `hashes` and `keys`: the
ids of clean events, as `components.ingestion.steps.duplicates.ChunkIds`. `episodes`: the distinct episodes of
impressions. `quarantine`: bad rows.
"""

ROWS: dict[str, tuple[Content, ...]] = {
    "impressions": ("by_user", "whole"),
    **dict.fromkeys(("interactions", "users"), ("by_user",)),
    **dict.fromkeys(("shows", "episodes"), ("whole",)),
}
"""Which files have the rows of a table; the others say which rows there are."""


@dataclass(frozen=True)
class ChunkFiles:
    """Where the files of a chunk are.

    Attributes:
        facts: beginning of the paths of the files that say which rows there are.
        rows: beginning of the paths of the files with the rows.
    """

    facts: str
    rows: str

    def path(self, content: Content) -> str:
        """The file with this content."""
        if content == "hashes":
            return f"{self.facts}-hashes.u64"
        return f"{self.rows if content in ('by_user', 'whole') else self.facts}-{content}.arrow"


@dataclass(frozen=True)
class ReadChunk:
    """A work item: a chunk to read.

    Attributes:
        chunk: the chunk.
        columns: the columns to read.
        features, domain: the settings.
        buckets: number of buckets of users.
        files: where the files of the chunk are.
        facts, rows: which of its files to write. Files with a record are not written again: the logs may have changed.
    """

    chunk: Chunk
    columns: tuple[Column, ...]
    features: tuple[Feature, ...]
    domain: Domain
    buckets: int
    files: ChunkFiles
    facts: bool = True
    rows: bool = True

    def writes(self, content: Content) -> bool:
        """Whether to write the file with this content."""
        return self.rows if content in ROWS[self.chunk.table] else self.facts


@dataclass(frozen=True)
class CleanRows:
    """A chunk that was read.

    Attributes:
        rows: rows of the chunk, good and bad.
        quarantined: bad rows by reason; their file exists if there is one.
        known_later: of interactions, the days after the chunk's on which a stream ended, as numbers.
    """

    rows: int
    quarantined: dict[str, int]
    known_later: tuple[int, ...] = ()


def read_chunk(item: ReadChunk) -> CleanRows:
    """Reads, casts, quarantines and buckets one chunk.

    Raises:
        FileError: if a page cannot be read, or a value does not survive its cast.
    """
    chunk = item.chunk
    frame = load_chunk(chunk, item.columns, item.features)
    reasons = frame.select(reason(TABLES[chunk.table], chunk.day, item.domain)).to_series()
    bad = reasons.is_not_null()
    if bad.any():
        if item.writes("quarantine"):
            write_batches(item.files.path("quarantine"), [_quarantined(frame, reasons, chunk.table)])
        frame = frame.filter(~bad)
    frame = _with_full_names(frame, item)
    if chunk.table == "interactions":
        frame = frame.with_columns(pl.col("kind").cast(pl.Enum(item.domain.kinds)).to_physical())
    frame = frame.with_columns(chunk=pl.lit(chunk.number, pl.UInt32), row=pl.int_range(pl.len(), dtype=pl.UInt32))
    for content, frames in _outputs(frame, item).items():
        if item.writes(content):
            write_batches(item.files.path(content), frames)
    if TABLES[chunk.table].timestamp and item.facts:
        _write_ids(frame, item)
    return CleanRows(len(bad), counts_of(reasons), _known_later(frame, item))


def _write_ids(frame: pl.DataFrame, item: ReadChunk) -> None:
    keys = frame.select(pl.col(TABLES[item.chunk.table].id).alias("id"), "timestamp", "row")
    hashes = hash_of(keys["id"])
    order = np.argsort(hashes, kind="stable")
    write_numbers(item.files.path("hashes"), hashes[order])
    write_batches(item.files.path("keys"), [keys[order]])


def _known_later(frame: pl.DataFrame, item: ReadChunk) -> tuple[int, ...]:
    if item.chunk.table != "interactions" or item.chunk.day is None:
        return ()
    days = np.unique(known_at(frame, item.domain) // DAY_US)
    return tuple(days[days > day_number(item.chunk.day)].tolist())


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
    if not TABLES[table].timestamp:
        snapshot = frame.select(TABLES[table].id, *full)
        return {"by_user": _by_user(snapshot, item)} if table == "users" else {"whole": [snapshot]}
    extra: tuple[str, ...] = ()
    if table == "impressions":
        source = pl.col("source").cast(pl.Enum(item.domain.sources)).to_physical()
        frame = frame.with_columns(placement(), source_code=source.cast(pl.Int64))
        extra = entity_columns(entities_of(item.features, item.domain))
    narrow = frame.select(_INTERACTION if table == "interactions" else [*_IMPRESSION, *extra])
    outputs: dict[Content, Iterable[pl.DataFrame]] = {"by_user": _by_user(narrow, item)}
    if table == "impressions":
        outputs["whole"] = [frame.select(*dict.fromkeys((*_CARRIED, *extra)), *full)]
        outputs["episodes"] = [frame.select(pl.col("episode_id").drop_nulls().unique().sort())]
    return outputs


def _by_user(frame: pl.DataFrame, item: ReadChunk) -> Iterable[pl.DataFrame]:
    return split_by(frame, bucket_of(frame["user_id"], item.buckets), item.buckets)
