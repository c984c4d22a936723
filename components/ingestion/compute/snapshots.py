"""Snapshots as of a day: the latest one dated on or before it counts (docs/data.md)."""

import numpy as np
import polars as pl

from components.ingestion.compute.timeline import Clock, Timeline


def latest(key: np.ndarray, day: np.ndarray, of_key: np.ndarray, on_day: np.ndarray) -> np.ndarray:
    """Position of the latest snapshot of each `of_key` dated on or before its `on_day`, -1 if there is none.

    Args:
        key: int64 of each snapshot, unique together with `day`.
        day: day number of each snapshot.
        of_key: int64 of each snapshot to find, -1 for unknown.
        on_day: day number of each snapshot to find.
    """
    if not len(key):
        return np.full(len(of_key), -1, np.int64)
    clock = Clock(day)
    timeline = Timeline(clock, key, clock.tick(day))
    last = timeline.before(of_key, clock.tick(on_day + 1)) - 1
    position = timeline.order[np.maximum(last, 0)]
    return np.where((last >= 0) & (key[position] == of_key), position, -1)


def gather(frame: pl.DataFrame, positions: np.ndarray) -> pl.DataFrame:
    """Rows of `frame` at `positions`; all columns null where the position is -1."""
    index = pl.Series(positions, dtype=pl.Int64)
    index = pl.select(pl.when(index >= 0).then(index)).to_series()
    return frame.select(pl.all().gather(index))
