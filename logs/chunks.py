"""How logs are cut into work items: chunks of files to read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from logs.footers import Footer
from logs.listing import Partition

# It changes memory and time, but no result. So it is not a setting: TFX would put a setting into the cache key.
CHUNK_ROWS = 1_000_000


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of one partition that one work item reads.

    Attributes:
        table: the table's name.
        day: the partition's day, None for a table without days.
        number: position among the partition's chunks; grows with file path and row.
        parts: for each file its path and the numbers of its row groups, in order.
        rows: total number of rows.
    """

    table: str
    day: date | None
    number: int
    parts: tuple[tuple[str, tuple[int, ...]], ...]
    rows: int


def chunks_of(partitions: Iterable[Partition], footers: Mapping[str, Footer]) -> list[Chunk]:
    """Chunks of about `CHUNK_ROWS` rows. Each lies in one partition; every partition has at least one."""
    return [chunk for partition in partitions for chunk in _chunks_of(partition, footers)]


def _chunks_of(partition: Partition, footers: Mapping[str, Footer]) -> list[Chunk]:
    chunks: list[Chunk] = []
    parts: dict[str, list[int]] = {}
    rows = 0
    for path in partition.paths:
        for group, group_rows in enumerate(footers[path].groups):
            if rows and rows + group_rows > CHUNK_ROWS:
                chunks.append(_chunk(partition, len(chunks), parts, rows))
                parts, rows = {}, 0
            parts.setdefault(path, []).append(group)
            rows += group_rows
    if parts or not chunks:
        chunks.append(_chunk(partition, len(chunks), parts or {partition.paths[0]: []}, rows))
    return chunks


def _chunk(partition: Partition, number: int, parts: Mapping[str, list[int]], rows: int) -> Chunk:
    return Chunk(
        partition.table, partition.day, number, tuple((path, tuple(groups)) for path, groups in parts.items()), rows
    )
