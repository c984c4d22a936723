"""Ingestion from open logs to labelled days: the stages in order, a barrier after each (docs/data.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import Accounting
from components.ingestion.outputs.tally import Results, tally
from components.ingestion.steps.beam_map import Stages
from components.ingestion.steps.days import LabelDay
from components.ingestion.steps.duplicates import FindDuplicates, find_duplicates
from components.ingestion.steps.read import ReadChunk, read_chunk
from components.ingestion.steps.shows import (
    Episodes,
    Genres,
    ShowsByDay,
    Snapshots,
    write_episodes,
    write_genres,
    write_shows_by_day,
)
from components.ingestion.steps.users import JoinUsers, join_users
from logs.chunks import buckets_for
from logs.columns import named_columns
from logs.opening import Logs, end_of
from transforms.feature import Feature

_BY_USER = ("impressions", "interactions", "users")
_WITH_EVENTS = ("impressions", "interactions")


@dataclass(frozen=True)
class Outcome:
    """What ingestion leaves: the accounting and the files of quarantined rows by table."""

    accounting: Accounting
    quarantine: dict[str, list[str]]


@dataclass(frozen=True)
class IngestionStages:
    """One ingestion of `logs`."""

    logs: Logs
    config: IngestionConfig
    features: tuple[Feature, ...]
    stages: Stages

    def run(self, write_day: Callable[[LabelDay], dict[str, Any]], out: Callable[[date], str]) -> Outcome:
        """Runs all stages; `write_day` writes each day of impressions to the path that `out` names.

        Raises:
            LogError: if a file turns out unreadable or a value does not survive its cast; nothing is written then.
        """
        read = self._read()
        duplicates, snapshots = self._find_duplicates(read), self._prepare_snapshots(read)
        joined = self._join_users(read, duplicates)
        labelled = self._label_days(read, joined, write_day, out)
        quarantine = {
            table: [result["files"]["quarantine"] for result in results if "quarantine" in result["files"]]
            for table, results in read.items()
        }
        accounting = tally(self.logs, read, duplicates, snapshots, joined, labelled, self._end)
        accounting.check()
        return Outcome(accounting, quarantine)

    @property
    def _days(self) -> tuple[date, ...]:
        return tuple(self.logs.days("impressions"))

    @property
    def _end(self) -> int:
        return end_of(self.logs.partitions["interactions"])

    @property
    def _buckets(self) -> int:
        return buckets_for(self.logs.chunks)

    def _path(self, name: str) -> str:
        return f"{self.stages.scratch}/{name}.arrow"

    def _read(self) -> Results:
        items = [
            ReadChunk(chunk, self.logs.columns[table], self.features, self._buckets, self.stages.scratch)
            for table, chunks in self.logs.chunks.items()
            for chunk in chunks
        ]
        results: Results = {table: [] for table in self.logs.chunks}
        for item, result in zip(items, self.stages.run("read", read_chunk, items), strict=True):
            results[item.chunk.table].append(result)
        return results

    def _find_duplicates(self, read: Results) -> Results:
        items = [
            FindDuplicates(table, bucket, self._buckets, tuple(_files(read[table], "keys")), self.stages.scratch)
            for table in _WITH_EVENTS
            for bucket in range(self._buckets)
        ]
        results: Results = {table: [] for table in _WITH_EVENTS}
        for item, result in zip(items, self.stages.run("duplicates", find_duplicates, items), strict=True):
            results[item.table].append(result)
        return results

    def _shows(self, read: Results) -> Snapshots:
        by_day: dict[date, list[str]] = {}
        for chunk, path in zip(self.logs.chunks["shows"], _files(read["shows"], "whole"), strict=True):
            if chunk.day:  # as all chunks of shows have
                by_day.setdefault(chunk.day, []).append(path)
        return tuple((day, tuple(paths)) for day, paths in by_day.items())

    def _prepare_snapshots(self, read: Results) -> dict[str, int]:
        genres = Genres(self._shows(read), self._path("genres"))
        episodes = Episodes(tuple(_files(read["episodes"], "whole")), self._path("episodes"))
        (of_genres,) = self.stages.run("genres", write_genres, [genres])
        (of_episodes,) = self.stages.run("episodes", write_episodes, [episodes])
        return {"shows": of_genres["duplicate"], "episodes": of_episodes["duplicate"]}

    def _join_users(self, read: Results, duplicates: Results) -> list[dict[str, Any]]:
        rows = {table: _files(read[table], "rows") for table in _BY_USER}
        repeated = {table: [result["file"] for result in duplicates[table] if result["file"]] for table in _WITH_EVENTS}
        items = [
            JoinUsers(
                bucket=bucket,
                rows=rows,
                duplicates=repeated,
                genres=self._path("genres"),
                user_columns=named_columns(self.features, "users"),
                impression_days=self._days,
                end=self._end,
                config=self.config,
                scratch=self.stages.scratch,
            )
            for bucket in range(self._buckets)
        ]
        return self.stages.run("users", join_users, items)

    def _label_days(
        self,
        read: Results,
        joined: list[dict[str, Any]],
        write_day: Callable[[LabelDay], dict[str, Any]],
        out: Callable[[date], str],
    ) -> list[dict[str, Any]]:
        changes = tuple(result["changes"] for result in joined)
        shows = ShowsByDay(self._shows(read), changes, self._days, self._path("shows"))
        self.stages.run("shows", write_shows_by_day, [shows])
        whole: dict[date | None, dict[int, str]] = {}
        for chunk, result in zip(self.logs.chunks["impressions"], read["impressions"], strict=True):
            whole.setdefault(chunk.day, {})[chunk.number] = result["files"]["whole"]
        items = [
            LabelDay(
                day=day,
                number=number,
                impressions=whole[day],
                labelled=tuple(result["labelled"] for result in joined),
                shows=self._path("shows"),
                episodes=self._path("episodes"),
                features=self.features,
                config=self.config,
                out=out(day),
            )
            for number, day in enumerate(self._days)
        ]
        return self.stages.run("days", write_day, items)


def _files(results: list[dict[str, Any]], what: str) -> list[str]:
    return [result["files"][what] for result in results]
