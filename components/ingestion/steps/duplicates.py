"""Rows whose id an earlier row has, over all days and users (docs/data.md#duplicates).

A row's day is the day of its timestamp, so the first row of an id is in the first day that has the id. Each chunk has a
sorted file of its ids' hashes. New days are searched for in the files of earlier ones, so that only new rows and the
pages that the search meets are read. Equal hashes are compared by their ids.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from files.storage import read_batch, read_numbers, write_batches

# It changes memory and time, but no result.
PART_ROWS = 8_000_000
_HASHES = 2**64


@dataclass(frozen=True)
class ChunkIds:
    """The ids of a chunk.

    Attributes:
        day: the day's number.
        chunk: the chunk's number in its day.
        hashes: file of the sorted hashes of the ids.
        keys: file of id, timestamp and row, in the order of `hashes`.
    """

    day: int
    chunk: int
    hashes: str
    keys: str


@dataclass(frozen=True)
class FindDuplicates:
    """A work item: the ids of one table whose hashes lie in one of `parts` equal ranges.

    Attributes:
        known: the ids of days whose duplicates are known, all of them earlier than those of `new`.
        new: the ids in which later duplicates are looked for.
    """

    table: str
    part: int
    parts: int
    known: tuple[ChunkIds, ...]
    new: tuple[ChunkIds, ...]
    scratch: str


@dataclass(frozen=True)
class DuplicateRows:
    """For each day with later duplicates, by its number, a file of their places (chunk, row)."""

    files: dict[int, str]


def parts_for(rows: int) -> int:
    """Number of parts in which to look for duplicates among `rows` new rows."""
    return max(1, -(-rows // PART_ROWS))


def find_duplicates(item: FindDuplicates) -> DuplicateRows:
    """Writes the places of later duplicates of each new day."""
    chunks = (*item.known, *item.new)
    slices = [_slice(read_numbers(chunk.hashes), item.part, item.parts) for chunk in chunks]
    repeated = _repeated([hashes for _, hashes in slices], len(item.known))
    if not len(repeated):
        return DuplicateRows({})
    rows = pl.concat(
        _rows(chunk, start, hashes, repeated) for chunk, (start, hashes) in zip(chunks, slices, strict=True)
    )
    later = later_duplicates(rows).filter(pl.col("day").is_in({chunk.day for chunk in item.new}))
    files = {}
    for (day,), places in later.sort("day").partition_by("day", as_dict=True).items():
        files[day] = f"{item.scratch}/duplicates/{item.table}-{day}-{item.part:06d}.arrow"
        write_batches(files[day], [places.select("chunk", "row")])
    return DuplicateRows(files)


def later_duplicates(rows: pl.DataFrame) -> pl.DataFrame:
    """Those of `rows` (id, day, timestamp, chunk, row) other than the first of their id by timestamp, chunk and row."""
    ordered = rows.filter(pl.col("id").is_duplicated()).sort("id", "timestamp", "chunk", "row")
    return ordered.filter(~pl.col("id").is_first_distinct())


def without(rows: pl.DataFrame, duplicates: str | None) -> pl.DataFrame:
    """`rows` (chunk, row, ...) of one day without the duplicates whose places the file has, None for no duplicates."""
    if duplicates is None:
        return rows
    return rows.join(read_batch(duplicates), on=["chunk", "row"], how="anti", maintain_order="left")


def _slice(hashes: np.ndarray, part: int, parts: int) -> tuple[int, np.ndarray]:
    """The sorted `hashes` of a part, and the position where they begin."""
    bounds = [np.uint64(_HASHES * number // parts) for number in (part, part + 1) if number < parts]
    start, *end = np.searchsorted(hashes, bounds).tolist()
    return start, hashes[start : end[0] if end else None]


def _repeated(slices: list[np.ndarray], known: int) -> np.ndarray:
    """The sorted hashes that are in a new slice, and again in it or in another slice; the first `known` are not new."""
    new = np.sort(np.concatenate([np.zeros(0, np.uint64), *slices[known:]]), kind="stable")
    again = np.zeros(len(new), bool)
    again[1:] = new[1:] == new[:-1]
    for hashes in slices[:known]:
        if len(hashes):
            at = np.minimum(np.searchsorted(hashes, new), len(hashes) - 1)
            again |= hashes[at] == new
    return np.unique(new[again])


def _rows(chunk: ChunkIds, start: int, hashes: np.ndarray, repeated: np.ndarray) -> pl.DataFrame:
    """The rows of a chunk whose hashes are among the sorted `repeated`."""
    first, last = np.searchsorted(hashes, repeated), np.searchsorted(hashes, repeated, "right")
    counts = last - first
    places = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    place = [pl.lit(chunk.day, pl.Int64).alias("day"), pl.lit(chunk.chunk, pl.UInt32).alias("chunk")]
    if not len(places):
        schema = {"id": pl.String, "timestamp": pl.Int64, "row": pl.UInt32}
        return pl.DataFrame(schema=schema).with_columns(place)
    return read_batch(chunk.keys)[places + start].with_columns(place)
