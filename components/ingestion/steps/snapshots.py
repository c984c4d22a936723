"""Step 3: users and shows as known on each day: the snapshots up to the day, the later over the earlier.

The state of a day has what a day of impressions needs of all earlier snapshots, so nobody reads these again. Its
content is compared, too: a late snapshot changes nothing where a later one has other rows in their places.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.compute.buckets import bucket_of, split_by
from files.storage import read_all, read_batches, write_batches

_SEEDS = (1, 2)


@dataclass(frozen=True)
class Snapshot:
    """A day of snapshots.

    Attributes:
        files: the day's clean rows, in the chunks' order.
        state: where to write the state of the day, one batch a bucket; None to write none.
    """

    files: tuple[str, ...]
    state: str | None


@dataclass(frozen=True)
class OverlaySnapshots:
    """A work item: consecutive snapshots of a table.

    Attributes:
        id: the column that makes a row unique.
        before: file of the state of the snapshot before, None if there is none.
        snapshots: in order of their days.
        history: columns that matter for later days, too.
        buckets: number of buckets by `id`.
    """

    id: str
    before: str | None
    snapshots: tuple[Snapshot, ...]
    history: tuple[str, ...]
    buckets: int


@dataclass(frozen=True)
class State:
    """The state of a day of snapshots.

    Attributes:
        duplicate: rows of the snapshot that repeat an id of the same day.
        content: the content of the state, as `content_of`.
        history: the content of the columns that matter for later days.
    """

    duplicate: int
    content: str
    history: str


@dataclass(frozen=True)
class States:
    """The states of the snapshots of an item."""

    states: tuple[State, ...]


def overlay_snapshots(item: OverlaySnapshots) -> States:
    """Puts each snapshot over the state before, and writes the states."""
    state = read_all(item.before) if item.before else None
    states = []
    for snapshot in item.snapshots:
        rows = read_batches(snapshot.files)
        first = rows.unique(item.id, keep="first", maintain_order=True)
        both = first if state is None else pl.concat([state, first])
        state = both.unique(item.id, keep="last", maintain_order=True)
        if snapshot.state:
            bucket = bucket_of(state[item.id], item.buckets)
            write_batches(snapshot.state, split_by(state, bucket, item.buckets))
        history = content_of(state.select(item.id, *item.history))
        states.append(State(len(rows) - len(first), content_of(state), history))
    return States(tuple(states))


def content_of(rows: pl.DataFrame) -> str:
    """A digest of the rows in any order, the same on the same kind of machine and version of Polars."""
    first, second = (int(hashes.sum(dtype=np.uint64)) for hashes in row_hashes(rows))
    return f"{len(rows)}-{first:016x}{second:016x}"


def row_hashes(rows: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Two independent uint64 hashes of each row."""
    first, second = (rows.hash_rows(seed).to_numpy() for seed in _SEEDS)
    return first, second
