"""Episodes, which have no days: one kept file, and the content of the episodes that each day of impressions names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.code_hash import code_hash
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.clean import CleanDay, Reader
from components.ingestion.steps.contents import row_hashes
from components.ingestion.steps.shows import SharedFile, WriteEpisodes, write_episodes
from files.kept import Kept, key_of
from files.storage import read_batch, read_batches


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
        (result,) = steps.run("episodes", write_episodes, SharedFile, [WriteEpisodes(files, path)])
        record = EpisodeFile(result.duplicate)
        kept.keep("episodes", key, record)
    return path, record.duplicate


def episodes_by_day(path: str, days: Sequence[CleanDay]) -> dict[date, str]:
    """The content of the episodes that each day of impressions names; none for a day that names no known episode.

    Args:
        path: the file of episodes.
        days: days of impressions.
    """
    episodes = read_batch(path)
    first, second = (pl.Series(values) for values in row_hashes(episodes))
    known = episodes.select("episode_id").with_columns(first=first, second=second)
    contents = {}
    for day in days:
        named = read_batches(day.paths("episodes")).unique().join(known, on="episode_id")
        if day.day and len(named):
            contents[day.day] = "".join(f"{_sum(named[name]):016x}" for name in ("first", "second"))
    return contents


def _sum(hashes: pl.Series) -> int:
    return int(hashes.to_numpy().sum(dtype=np.uint64))
