"""Shows and episodes, which all buckets of users share: snapshots and 30-day measures, day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from components.ingestion.compute.show_days import MEASURES, sum_measures
from files.storage import read_batch, read_batches, write_batches
from logs.times import day_number

_GENRES = pl.Schema({"show_id": pl.String(), "day": pl.Int64(), "genres": pl.List(pl.Int64())})


Snapshots = tuple[tuple[date, str], ...]
"""The files of states of shows by day, in the days' order; a show is in each state once."""


@dataclass(frozen=True)
class WriteEpisodes:
    """A work item: the clean files of episodes."""

    files: tuple[str, ...]
    path: str


@dataclass(frozen=True)
class WriteGenres:
    """A work item: the snapshots of shows, whose genres change from day to day."""

    snapshots: Snapshots
    path: str


@dataclass(frozen=True)
class WriteShowsByDay:
    """A work item: shows' snapshots and changes (a file a bucket of users) to put together for each impression day."""

    snapshots: Snapshots
    changes: tuple[str, ...]
    impression_days: tuple[date, ...]
    path: str


@dataclass(frozen=True)
class SharedFile:
    """A file that every bucket or day reads, and the number of duplicate rows that it leaves out."""

    path: str
    duplicate: int = 0


def write_episodes(item: WriteEpisodes) -> SharedFile:
    """Writes the episodes; of duplicates it keeps the first by file path and row."""
    rows = read_batches(item.files)
    kept = rows.unique("episode_id", keep="first", maintain_order=True)
    write_batches(item.path, [kept])
    return SharedFile(item.path, len(rows) - len(kept))


def write_genres(item: WriteGenres) -> SharedFile:
    """Writes which genres a show had from which day on: show_id, day, and genre numbers, one row a change."""
    # Each name behind its length, so that no two lists of names make one key; lists themselves are slow to compare.
    name = pl.concat_str(pl.element().str.len_chars().cast(pl.String), pl.lit(":"), pl.element())
    known = pl.DataFrame(schema={"show_id": pl.String, "key": pl.String})
    changes = [pl.DataFrame(schema={"show_id": pl.String, "day": pl.Int64, "genres": pl.List(pl.String)})]
    for day, path in item.snapshots:
        shows = read_batch(path).select("show_id", genres="shows.genres")
        shows = shows.with_columns(pl.col("genres").list.drop_nulls().list.unique(maintain_order=True).fill_null([]))
        shows = shows.with_columns(key=pl.col("genres").list.sort().list.eval(name).list.join(""))
        changed = shows.join(known, on="show_id", how="left").filter(pl.col("key_right").ne_missing(pl.col("key")))
        changes.append(changed.select("show_id", day=pl.lit(day_number(day), pl.Int64), genres="genres"))
        known = pl.concat([known, changed.select("show_id", "key")]).unique("show_id", keep="last")
    write_batches(item.path, [_numbered(pl.concat(changes))])
    return SharedFile(item.path)


def write_shows_by_day(item: WriteShowsByDay) -> SharedFile:
    """Writes one batch per impression day: each show known by then, its latest snapshot and its summed measures."""
    write_batches(item.path, _states(item))
    return SharedFile(item.path)


def _states(item: WriteShowsByDay) -> Iterator[pl.DataFrame]:
    waiting = list(item.snapshots)
    shows = read_batch(waiting[0][1]).clear()
    measures = pl.DataFrame(schema={"show_id": pl.String} | dict.fromkeys(MEASURES, pl.Int64))
    for number, day in enumerate(item.impression_days):
        while waiting and waiting[0][0] <= day:
            _, path = waiting.pop(0)
            shows = pl.concat([shows, read_batch(path)])
            shows = shows.unique("show_id", keep="last", maintain_order=True)
        measures = sum_measures([measures, *(read_batch(path, number) for path in item.changes)], ["show_id"])
        measures = measures.filter(pl.any_horizontal(pl.col(MEASURES) != 0))
        yield shows.join(measures, on="show_id", how="full", coalesce=True)


def _numbered(changes: pl.DataFrame) -> pl.DataFrame:
    """Genres as numbers, the same within one file."""
    names = changes["genres"].explode().drop_nulls().unique()
    codes = pl.int_range(len(names), eager=True)
    flat = changes.with_row_index("at").select("at", "genres").explode("genres").drop_nulls("genres")
    lists = (
        flat.with_columns(pl.col("genres").replace_strict(names, codes, return_dtype=pl.Int64))
        .group_by("at", maintain_order=True)
        .agg("genres")
    )
    return (
        changes.with_row_index("at")
        .select("at", "show_id", "day")
        .join(lists, on="at", how="left", maintain_order="left")
        .with_columns(pl.col("genres").fill_null([]))
        .select(_GENRES.names())
        .cast(_GENRES)  # without any genre, the mapping leaves strings
    )
