"""Users and shows as known on each day: the snapshots up to the day, the later over the earlier.

The state of a day has what a day of impressions needs of all earlier snapshots, so nobody reads these again. Keys of
days contain its content, so a late snapshot changes no result if later ones replace all its rows. Only one bucket is in
memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from components.ingestion.steps.contents import Content
from files.storage import read_batch, read_batches, write_batches


@dataclass(frozen=True)
class Snapshot:
    """A day of snapshots.

    Attributes:
        files: the day's clean rows, bucketed by id, in the chunks' order.
        state: where to write the bucket's state of the day; None to write none.
    """

    files: tuple[str, ...]
    state: str | None


@dataclass(frozen=True)
class OverlaySnapshots:
    """A work item: a bucket of consecutive snapshots of a table.

    Attributes:
        id: the column that makes a row unique.
        bucket: which batch of the snapshots' files to read.
        before: file of the bucket's state of the snapshot before, None if there is none.
        snapshots: in order of their days.
        history: columns that matter for later days, too.
    """

    id: str
    bucket: int
    before: str | None
    snapshots: tuple[Snapshot, ...]
    history: tuple[str, ...]


@dataclass(frozen=True)
class SnapshotState:
    """The state of a day of snapshots.

    Attributes:
        duplicate: rows of the snapshot that repeat an id of the same day.
        content: the content of the state, as `components.ingestion.steps.contents.content_of`.
        history: the content of the columns that matter for later days.
    """

    duplicate: int
    content: str
    history: str


@dataclass(frozen=True)
class BucketState:
    """A bucket of a `SnapshotState`, whose contents add up over buckets."""

    duplicate: int
    content: Content
    history: Content


@dataclass(frozen=True)
class SnapshotStates:
    """A bucket's states of the snapshots of an item."""

    states: tuple[BucketState, ...]


def overlay_snapshots(item: OverlaySnapshots) -> SnapshotStates:
    """Puts each snapshot over the state before, and writes the states."""
    state = read_batch(item.before) if item.before else None
    states = []
    for snapshot in item.snapshots:
        rows = read_batches(snapshot.files, item.bucket)
        first = rows.unique(item.id, keep="first", maintain_order=True)
        both = first if state is None else pl.concat([state, first])
        state = both.unique(item.id, keep="last", maintain_order=True)
        if snapshot.state:
            write_batches(snapshot.state, [state])
        history = Content.of(state.select(item.id, *item.history))
        states.append(BucketState(len(rows) - len(first), Content.of(state), history))
    return SnapshotStates(tuple(states))


def whole_states(buckets: Sequence[SnapshotStates]) -> list[SnapshotState]:
    """The states that the buckets make up."""
    return [
        SnapshotState(
            sum(part.duplicate for part in parts),
            str(sum((part.content for part in parts), Content())),
            str(sum((part.history for part in parts), Content())),
        )
        for parts in zip(*(bucket.states for bucket in buckets), strict=True)
    ]
