"""Snapshots as of a day: the latest one dated on or before it counts (docs/data.md)."""

import numpy as np
import polars as pl

from components.ingestion.compute.timeline import Clock, Timeline


def latest(key: np.ndarray, day: np.ndarray, asked_key: np.ndarray, asked_day: np.ndarray) -> np.ndarray:
    """Position of the latest snapshot of each asked key dated on or before the asked day, -1 if there is none.

    Args:
        key: int64 of each snapshot, unique together with `day`.
        day: day number of each snapshot.
        asked_key: int64 of each question, -1 for unknown.
        asked_day: day number of each question.
    """
    if not len(key):
        return np.full(len(asked_key), -1, np.int64)
    clock = Clock(day)
    timeline = Timeline(clock, key, clock.tick(day))
    last = timeline.before(asked_key, clock.tick(asked_day + 1)) - 1
    position = timeline.order[np.maximum(last, 0)]
    return np.where((last >= 0) & (key[position] == asked_key), position, -1)


def gather(frame: pl.DataFrame, positions: np.ndarray) -> pl.DataFrame:
    """Rows of `frame` at `positions`; all columns null where the position is -1."""
    index = pl.Series(positions, dtype=pl.Int64)
    index = pl.select(pl.when(index >= 0).then(index)).to_series()
    return frame.select(pl.all().gather(index))
