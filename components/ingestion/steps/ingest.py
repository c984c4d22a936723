"""Ingestion from open logs to labelled days: the steps in order, a barrier after each (docs/data.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from components.ingestion.compute.buckets import buckets_for
from components.ingestion.compute.coverage import Coverage
from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import Accounting
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.days import DayRows, LabelDay
from components.ingestion.steps.duplicates import DuplicateRows, FindDuplicates, find_duplicates
from components.ingestion.steps.read import CleanRows, Content, ReadChunk, read_chunk
from components.ingestion.steps.shows import (
    Episodes,
    Genres,
    SharedFile,
    ShowsByDay,
    Snapshots,
    write_episodes,
    write_genres,
    write_shows_by_day,
)
from components.ingestion.steps.tally import tally
from components.ingestion.steps.users import JoinedUsers, JoinUsers, join_users
from logs.columns import kind_counts_of, named_columns
from logs.opening import Logs
from transforms.domain import Domain
from transforms.feature import Feature

_BY_USER = ("impressions", "interactions", "users")
_WITH_EVENTS = ("impressions", "interactions")

CleanByTable = dict[str, list[CleanRows]]
"""By table, in the order of the table's chunks."""


@dataclass(frozen=True)
class Outcome:
    """The result of ingestion: the accounting and the files of quarantined rows by table."""

    accounting: Accounting
    quarantine: dict[str, list[str]]


@dataclass(frozen=True)
class IngestionSteps:
    """One ingestion of `logs`."""

    logs: Logs
    config: IngestionConfig
    domain: Domain
    features: tuple[Feature, ...]
    steps: Steps

    def run(self, write_day: Callable[[LabelDay], DayRows], out: Callable[[date], str]) -> Outcome:
        """Runs all steps; `write_day` writes each day of impressions to the path that `out` names.

        Raises:
            LogError: a file is unreadable, or a value does not survive its cast; nothing is written then.
        """
        clean = self._read()
        duplicates = self._find_duplicates(clean)
        shows = self._snapshots(clean)
        genres, episodes = self._write_genres(shows), self._write_episodes(clean)
        joined = self._join_users(clean, duplicates, genres)
        labelled = self._label_days(clean, shows, episodes, joined, write_day, out)
        snapshots = {"shows": genres.duplicate, "episodes": episodes.duplicate}
        accounting = tally(self.logs, clean, duplicates, snapshots, joined, labelled, self._coverage)
        accounting.check()
        quarantine = {
            table: [result.quarantine for result in results if result.quarantine] for table, results in clean.items()
        }
        return Outcome(accounting, quarantine)

    @property
    def _days(self) -> tuple[date, ...]:
        return tuple(self.logs.days("impressions"))

    @property
    def _coverage(self) -> Coverage:
        return Coverage.of(self.logs.days("interactions"))

    @property
    def _buckets(self) -> int:
        return buckets_for(self.logs.chunks)

    def _path(self, name: str) -> str:
        return f"{self.steps.scratch}/{name}.arrow"

    def _read(self) -> CleanByTable:
        items = [
            ReadChunk(chunk, self.logs.columns[table], self.features, self.domain, self._buckets, self.steps.scratch)
            for table, chunks in self.logs.chunks.items()
            for chunk in chunks
        ]
        results: CleanByTable = {table: [] for table in self.logs.chunks}
        for item, result in zip(items, self.steps.run("read", read_chunk, CleanRows, items), strict=True):
            results[item.chunk.table].append(result)
        return results

    def _find_duplicates(self, clean: CleanByTable) -> dict[str, list[DuplicateRows]]:
        items = [
            FindDuplicates(table, bucket, self._buckets, _files(clean[table], "by_id"), self.steps.scratch)
            for table in _WITH_EVENTS
            for bucket in range(self._buckets)
        ]
        results: dict[str, list[DuplicateRows]] = {table: [] for table in _WITH_EVENTS}
        done = self.steps.run("duplicates", find_duplicates, DuplicateRows, items)
        for item, result in zip(items, done, strict=True):
            results[item.table].append(result)
        return results

    def _snapshots(self, clean: CleanByTable) -> Snapshots:
        by_day: dict[date, list[str]] = {}
        for chunk, path in zip(self.logs.chunks["shows"], _files(clean["shows"], "whole"), strict=True):
            if chunk.day:  # always true: all chunks of shows have a day
                by_day.setdefault(chunk.day, []).append(path)
        return tuple((day, tuple(paths)) for day, paths in by_day.items())

    def _write_genres(self, shows: Snapshots) -> SharedFile:
        (genres,) = self.steps.run("genres", write_genres, SharedFile, [Genres(shows, self._path("genres"))])
        return genres

    def _write_episodes(self, clean: CleanByTable) -> SharedFile:
        item = Episodes(_files(clean["episodes"], "whole"), self._path("episodes"))
        (episodes,) = self.steps.run("episodes", write_episodes, SharedFile, [item])
        return episodes

    def _join_users(
        self, clean: CleanByTable, duplicates: dict[str, list[DuplicateRows]], genres: SharedFile
    ) -> list[JoinedUsers]:
        items = [
            JoinUsers(
                bucket=bucket,
                rows={table: _files(clean[table], "by_user") for table in _BY_USER},
                duplicates={
                    table: tuple(result.file for result in results if result.file)
                    for table, results in duplicates.items()
                },
                genres=genres.path,
                user_columns=named_columns(self.features, "users"),
                counts=kind_counts_of(self.features, self.domain),
                impression_days=self._days,
                coverage=self._coverage,
                domain=self.domain,
                scratch=self.steps.scratch,
            )
            for bucket in range(self._buckets)
        ]
        return self.steps.run("users", join_users, JoinedUsers, items)

    def _label_days(
        self,
        clean: CleanByTable,
        shows: Snapshots,
        episodes: SharedFile,
        joined: list[JoinedUsers],
        write_day: Callable[[LabelDay], DayRows],
        out: Callable[[date], str],
    ) -> list[DayRows]:
        changes = tuple(result.changes for result in joined)
        item = ShowsByDay(shows, changes, self._days, self._path("shows"))
        (by_day,) = self.steps.run("shows", write_shows_by_day, SharedFile, [item])
        whole: dict[date | None, dict[int, str]] = {}
        for chunk, path in zip(self.logs.chunks["impressions"], _files(clean["impressions"], "whole"), strict=True):
            whole.setdefault(chunk.day, {})[chunk.number] = path
        items = [
            LabelDay(
                day=day,
                number=number,
                impressions=whole[day],
                labelled=tuple(result.labelled for result in joined),
                shows=by_day.path,
                episodes=episodes.path,
                features=self.features,
                config=self.config,
                domain=self.domain,
                out=out(day),
            )
            for number, day in enumerate(self._days)
        ]
        return self.steps.run("days", write_day, DayRows, items)


def _files(results: list[CleanRows], content: Content) -> tuple[str, ...]:
    return tuple(result.files[content] for result in results)
