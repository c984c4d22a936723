"""Finds the kept later duplicates of each day of events, and looks for the others."""

from collections.abc import Iterable, Sequence
from datetime import date

from components.code_hash import code_hash
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.clean import CleanDay
from components.ingestion.steps.contents import content_of
from components.ingestion.steps.duplicates import (
    ChunkIds,
    DuplicateRows,
    FindDuplicates,
    find_duplicates,
    parts_for,
)
from components.ingestion.steps.reach import EventDays
from components.ingestion.steps.results import Duplicates
from files.kept import Kept, key_of
from files.storage import read_batches, write_batches
from logs.times import day_number


class DuplicateDays:
    """The later duplicates of one table of events. Those of a day depend on the ids of all days up to it."""

    def __init__(self, table: str, days: Sequence[CleanDay], kept: Kept) -> None:
        self._table, self._days, self._kept = table, days, kept
        code = code_hash("components.ingestion.steps.duplicates")
        self._keys: list[str] = []
        for day in days:
            self._keys.append(key_of(code, self._keys[-1:], day.key))
        self._records = [kept.find("duplicates", key, Duplicates) for key in self._keys]

    def items(self, scratch: str) -> list[FindDuplicates]:
        """The work items that look for the duplicates of days without a kept record."""
        new = next((at for at, record in enumerate(self._records) if record is None), len(self._days))
        parts = parts_for(sum(day.rows for day in self._days[new:]))
        known, unknown = _ids(self._days[:new]), _ids(self._days[new:])
        numbers = range(parts if unknown else 0)
        return [FindDuplicates(self._table, part, parts, known, unknown, scratch) for part in numbers]

    def keep(self, results: Iterable[DuplicateRows]) -> None:
        """Keeps the results of `items`."""
        files: dict[int, list[str]] = {}
        for result in results:
            for number, path in result.files.items():
                files.setdefault(number, []).append(path)
        for at, (day, record) in enumerate(zip(self._days, self._records, strict=True)):
            if record is None:
                self._records[at] = self._keep(at, files.get(_number(day), []))

    def events(self) -> EventDays:
        """The days with their duplicates."""
        repeated = {
            day.day: (f"{self._kept.base('duplicates', key)}.arrow", record.content)
            for day, key, record in zip(self._days, self._keys, self._records, strict=True)
            if day.day and record and record.rows
        }
        files = {day: path for day, (path, _) in repeated.items()}
        return EventDays(self._days, files, {day: content for day, (_, content) in repeated.items()})

    def rows(self) -> dict[date, int]:
        """Number of later duplicates by day."""
        records = zip(self._days, self._records, strict=True)
        return {day.day: record.rows for day, record in records if day.day and record}

    def _keep(self, at: int, files: Sequence[str]) -> Duplicates:
        record = Duplicates(0, "")
        if files:
            places = read_batches(files).sort("chunk", "row")
            write_batches(f"{self._kept.base('duplicates', self._keys[at])}.arrow", [places])
            record = Duplicates(len(places), content_of(places))
        self._kept.keep("duplicates", self._keys[at], record)
        return record


def find_all(tables: Sequence[DuplicateDays], steps: Steps) -> None:
    """Looks for the duplicates of all tables in one step."""
    items = [table.items(steps.scratch) for table in tables]
    results = iter(steps.run("duplicates", find_duplicates, DuplicateRows, [item for each in items for item in each]))
    for table, own in zip(tables, items, strict=True):
        table.keep([next(results) for _ in own])


def _ids(days: Iterable[CleanDay]) -> tuple[ChunkIds, ...]:
    return tuple(
        ChunkIds(_number(day), number, hashes, keys)
        for day in days
        for number, (hashes, keys) in enumerate(zip(day.paths("hashes"), day.paths("keys"), strict=True))
    )


def _number(day: CleanDay) -> int:
    return day_number(day.day) if day.day else 0
