"""Finds the kept states of users and shows by day, and computes the others."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from apache_beam.io.filesystems import FileSystems

from components.code_hash import code_hash
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.clean import CleanDay, Reader
from components.ingestion.steps.read import ROWS
from components.ingestion.steps.snapshots import (
    OverlaySnapshots,
    Snapshot,
    SnapshotState,
    SnapshotStates,
    overlay_snapshots,
    whole_states,
)
from files.kept import Kept, key_of
from logs.schema import TABLES, TableName
from logs.times import HISTORY_DAYS, day_number


class TableStates:
    """The states of one table of snapshots.

    Args:
        table: `users` or `shows`.
        days: the table's partitions, in order of their days.
        history: columns that matter for later days, too.
        buckets: number of buckets by the table's id.
        since: the first day on which a day of impressions may need the state.
        kept: holds the states.
    """

    def __init__(
        self,
        table: TableName,
        days: Sequence[CleanDay],
        history: tuple[str, ...],
        buckets: int,
        since: date,
        kept: Kept,
    ) -> None:
        self._table, self.days, self._history, self._buckets = table, days, history, buckets
        self._dates = [day.day for day in days if day.day]
        self._since, self._kept = since, kept
        self._keys = self._chain()
        self.states = [kept.find("snapshots", key, SnapshotState) for key in self._keys]

    def as_of(self, day: date) -> int:
        """Position of the latest snapshot on or before `day`, -1 if there is none."""
        return bisect_right(self._dates, day) - 1

    def content(self, day: date) -> str:
        """The content of the state as of `day`, empty if there is none."""
        return self._state(at).content if (at := self.as_of(day)) >= 0 else ""

    @cached_property
    def checkpoints(self) -> list[int]:
        """Positions of states to keep for long, so that a late snapshot is put over a state not much older."""
        periods = [day_number(day) // HISTORY_DAYS for day in self._dates]
        return [at for at, period in enumerate(periods) if at and period != periods[at - 1]]

    def history(self, day: date) -> str:
        """The content, as of `day`, of the columns that matter for later days; empty if there is none."""
        return self._state(at).history if (at := self.as_of(day)) >= 0 else ""

    def within(self, days: Iterable[date]) -> list[int]:
        """Positions of the states as of `days`, in order; of the first state if there is none as of any day."""
        return sorted({at for day in days if (at := self.as_of(day)) >= 0}) or [0]

    def files(self, positions: Iterable[int], bucket: int = 0) -> tuple[tuple[date, str], ...]:
        """The day and file of a bucket of each state."""
        return tuple((self._dates[at], self._path(at, bucket)) for at in positions)

    @property
    def duplicate(self) -> int:
        """Rows of all snapshots that repeat an id of their day."""
        return sum(self._state(at).duplicate for at in range(len(self.days)))

    def unknown(self) -> "_Span | None":
        """The snapshots to overlay before every state is known; None if all are known."""
        unknown = [at for at, state in enumerate(self.states) if state is None]
        if not unknown:
            return None
        last = len(self.days) - 1
        needed = {at for at in range(last) if self._dates[at + 1] > self._since} | {last, *self.checkpoints}
        return self._span(unknown[0], last, [at for at in range(unknown[0], last + 1) if at in needed])

    def unwritten(self, positions: Iterable[int]) -> "_Span | None":
        """The snapshots to overlay before the files of these states exist; None if all exist."""
        wanted = [at for at in sorted(positions) if not self._written(at)]
        return self._span(wanted[0], wanted[-1], wanted) if wanted else None

    def keep(self, span: "_Span", states: Sequence[SnapshotState]) -> None:
        """Takes over the states of `span`."""
        for at, state in enumerate(states, start=span.first):
            self.states[at] = state
            self._kept.keep("snapshots", self._keys[at], state)

    def use(self, positions: Iterable[int]) -> None:
        """Notes that the next run may need the files of these states."""
        for at in positions:
            self._kept.use("states", self._file_key(at))

    def _state(self, at: int) -> SnapshotState:
        state = self.states[at]
        if state is None:
            raise AssertionError("every state was computed")
        return state

    def _chain(self) -> list[str]:
        code = code_hash("components.ingestion.steps.snapshots")
        keys: list[str] = []
        for day in self.days:
            keys.append(key_of(code, self._history, keys[-1:], day.key))
        return keys

    def _file_key(self, at: int) -> str:
        return key_of(self._keys[at], self._buckets)

    def _path(self, at: int, bucket: int) -> str:
        return f"{self._kept.base('states', self._file_key(at))}-{bucket:06d}.arrow"

    def _written(self, at: int) -> bool:
        return all(FileSystems.exists(self._path(at, bucket)) for bucket in range(self._buckets))

    def _span(self, first: int, last: int, wanted: Sequence[int]) -> "_Span":
        while first > 0 and not self._written(first - 1):
            first -= 1
        snapshots = self.days[first : last + 1]
        (content,) = ROWS[self._table]
        items = tuple(
            OverlaySnapshots(
                id=TABLES[self._table].id,
                bucket=bucket,
                before=self._path(first - 1, bucket) if first else None,
                snapshots=tuple(
                    Snapshot(day.paths(content), self._path(at, bucket) if at in wanted else None)
                    for at, day in enumerate(snapshots, start=first)
                ),
                history=self._history,
            )
            for bucket in range(self._buckets)
        )
        return _Span(first, snapshots, items)


@dataclass(frozen=True)
class _Span:
    """Consecutive snapshots to overlay, from position `first` on; `items` are the buckets."""

    first: int
    days: Sequence[CleanDay]
    items: tuple[OverlaySnapshots, ...]


def overlay(step: str, spans: Iterable[tuple[TableStates, _Span | None]], reader: Reader, steps: Steps) -> None:
    """Computes and keeps the states of spans, all in one step.

    Args:
        step: the step's name; that of reading rows begins with it, too.
        spans: tables with the spans to overlay, of which None is nothing to do.
        reader: provides the rows of snapshots.
        steps: runs the step.
    """
    work = [(table, span) for table, span in spans if span]
    reader.provide_rows(f"{step} rows", [day for _, span in work for day in span.days])
    results = iter(
        steps.run(step, overlay_snapshots, SnapshotStates, [item for _, span in work for item in span.items])
    )
    for table, span in work:
        table.keep(span, whole_states([next(results) for _ in span.items]))
