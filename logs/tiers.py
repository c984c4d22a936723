"""Listening hours, stream tiers, and less-streamed shows (docs/data.md#stream-tiers)."""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from logs.config import TiersConfig
from logs.times import HOUR_MS
from transforms.labelled import LESS_STREAMED, STREAM_TIER, TIER_MS, TIER_STREAMS


def hours_of(milliseconds: pl.Series) -> pl.Series:
    """Whole milliseconds as hours. NumPy divides them: Polars' reciprocal puts 3,600,000 ms below one hour."""
    return pl.Series(milliseconds.to_numpy() / HOUR_MS)


def tier(hours: NDArray[np.float64], boundaries: tuple[float, ...]) -> NDArray[np.int64]:
    """Number of the falling `boundaries` that each of `hours` is below: 0 is the tier of the most streamed shows."""
    return len(boundaries) - np.searchsorted(boundaries[::-1], hours, side="right")


def tier_columns(
    tier_ms: NDArray[np.int64], tier_streams: NDArray[np.int64], config: TiersConfig
) -> dict[str, NDArray]:
    """The columns `stream_tier` and `less_streamed` of impressions, int64 [n].

    Args:
        tier_ms: [n], the milliseconds of the show's streams that its tier counts.
        tier_streams: [n], their number.
        config: the boundaries and the threshold.
    """
    return {
        STREAM_TIER: tier(tier_ms / HOUR_MS, config.boundaries_hours),
        LESS_STREAMED: (tier_streams < config.less_streamed_below).astype(np.int64),
    }


def with_tiers(labelled: pa.Table, config: TiersConfig) -> pa.Table:
    """A table of labelled impressions with the columns of `tier_columns` behind those that they follow from."""
    place = labelled.column_names.index(TIER_STREAMS)
    columns = tier_columns(labelled[TIER_MS].to_numpy(), labelled[TIER_STREAMS].to_numpy(), config)
    for number, (name, values) in enumerate(columns.items(), start=place + 1):
        labelled = labelled.add_column(number, name, pa.array(values, pa.int64()))
    return labelled
