"""Stage 2: rows whose id an earlier row has, over all days and users (docs/data.md#duplicates)."""

from dataclasses import dataclass
from typing import Any

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


def find_duplicates(item: FindDuplicates) -> dict[str, Any]:
    """Writes the places (chunk, row) of later duplicates, by bucket of users.

    Returns:
        duplicate: rows by chunk; file: where the places are, None if there are none.
    """
    later = later_duplicates(read_batches(item.keys, item.bucket))
    if later.is_empty():
        return {"duplicate": {}, "file": None}
    path = f"{item.scratch}/duplicates/{item.table}-{item.bucket:06d}.arrow"
    write_batches(path, split_by(later.select("chunk", "row"), later["bucket"].to_numpy(), item.buckets))
    chunks, counts = np.unique(later["chunk"].to_numpy(), return_counts=True)
    return {"duplicate": dict(zip(map(str, chunks), counts.tolist(), strict=True)), "file": path}


def later_duplicates(keys: pl.DataFrame) -> pl.DataFrame:
    """Rows of `keys` (id, timestamp, chunk, row, ...) other than the first of their id by timestamp, chunk and row."""
    repeated = keys.filter(pl.col("id").is_duplicated()).sort("id", "timestamp", "chunk", "row")
    return repeated.filter(~pl.col("id").is_first_distinct())


def without(rows: pl.DataFrame, duplicates: list[str], bucket: int) -> pl.DataFrame:
    """`rows` (chunk, row, ...) of a bucket of users less those placed in the files `duplicates`."""
    for path in duplicates:
        rows = rows.join(read_batch(path, bucket), on=["chunk", "row"], how="anti", maintain_order="left")
    return rows
