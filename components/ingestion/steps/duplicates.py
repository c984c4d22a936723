"""Step 2: rows whose id an earlier row has, over all days and users (docs/data.md#duplicates)."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.compute.buckets import split_by
from files.storage import read_batch, read_batches, write_batches


@dataclass(frozen=True)
class FindDuplicates:
    """A work item: one bucket of ids of one table."""

    table: str
    bucket: int
    buckets: int
    keys: tuple[str, ...]
    scratch: str


@dataclass(frozen=True)
class DuplicateRows:
    """Later duplicates of a bucket of ids: their number by chunk, and the file of their places, None without any."""

    by_chunk: dict[int, int]
    file: str | None


def find_duplicates(item: FindDuplicates) -> DuplicateRows:
    """Writes the places (chunk, row) of later duplicates, by bucket of users."""
    later = later_duplicates(read_batches(item.keys, item.bucket))
    if later.is_empty():
        return DuplicateRows({}, None)
    path = f"{item.scratch}/duplicates/{item.table}-{item.bucket:06d}.arrow"
    write_batches(path, split_by(later.select("chunk", "row"), later["bucket"].to_numpy(), item.buckets))
    chunks, counts = np.unique(later["chunk"].to_numpy(), return_counts=True)
    return DuplicateRows(dict(zip(chunks.tolist(), counts.tolist(), strict=True)), path)


def later_duplicates(keys: pl.DataFrame) -> pl.DataFrame:
    """Rows of `keys` (id, timestamp, chunk, row, ...) other than the first of their id by timestamp, chunk and row."""
    repeated = keys.filter(pl.col("id").is_duplicated()).sort("id", "timestamp", "chunk", "row")
    return repeated.filter(~pl.col("id").is_first_distinct())


def without(rows: pl.DataFrame, duplicates: tuple[str, ...], bucket: int) -> pl.DataFrame:
    """`rows` (chunk, row, ...) of a bucket of users without the duplicates whose places the files `duplicates` hold."""
    for path in duplicates:
        rows = rows.join(read_batch(path, bucket), on=["chunk", "row"], how="anti", maintain_order="left")
    return rows
