"""Episodes, which have no days: kept as one file, and for each day of impressions the content of those it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.code_hash import code_hash
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.clean import CleanDay, Reader
from components.ingestion.steps.contents import row_hashes
from components.ingestion.steps.shows import Episodes, SharedFile, write_episodes
from files.kept import Kept, key_of
from files.storage import read_batch, read_batches
from logs.times import date_of, day_number


@dataclass(frozen=True)
class EpisodeFile:
    """The record of a file of distinct episodes, and the number of duplicate rows that it leaves out."""

    duplicate: int


def keep_episodes(tables: Sequence[CleanDay], reader: Reader, steps: Steps, kept: Kept) -> tuple[str, int]:
    """The kept file of the episodes of `tables`, and the number of duplicate rows that it leaves out."""
    key = key_of(code_hash("components.ingestion.steps.shows"), [table.key for table in tables])
    path = f"{kept.base('episodes', key)}.arrow"
    record = kept.find("episodes", key, EpisodeFile)
    if record is None:
        reader.provide_rows("episodes rows", tables)
        files = tuple(path for table in tables for path in table.paths("whole"))
        (result,) = steps.run("episodes", write_episodes, SharedFile, [Episodes(files, path)])
        record = EpisodeFile(result.duplicate)
        kept.keep("episodes", key, record)
    return path, record.duplicate


def episodes_by_day(path: str, days: Sequence[CleanDay]) -> dict[date, str]:
    """The content of the episodes that each day of impressions names; none for a day that names no known episode.

    Args:
        path: the file of episodes.
        days: days of impressions.
    """
    named = [
        read_batches(day.paths("episodes")).unique().with_columns(day=pl.lit(day_number(day.day), pl.Int64))
        for day in days
        if day.day
    ]
    episodes = read_batch(path)
    hashes = dict(zip(("first", "second"), row_hashes(episodes), strict=True))
    known = episodes.select("episode_id").with_columns(**{name: pl.Series(values) for name, values in hashes.items()})
    rows = pl.concat(named).join(known, on="episode_id", how="inner").sort("day")
    if rows.is_empty():
        return {}
    number, starts = np.unique(rows["day"].to_numpy(), return_index=True)
    sums = [np.add.reduceat(rows[name].to_numpy(), starts) for name in hashes]
    return {
        date_of(day): f"{first:016x}{second:016x}"
        for day, first, second in zip(number.tolist(), *(values.tolist() for values in sums), strict=True)
    }
