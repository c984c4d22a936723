"""Boundaries that fill all eight stream tiers with the shows of some logs (docs/data.md#stream-tiers)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logs.config import TiersConfig
from logs.tiers import tier_columns
from logs.times import HOUR_MS
from transforms.labelled import STREAM_TIER, STREAM_TIERS

_TWO_DIGITS = Context(prec=2, rounding=ROUND_FLOOR)


@dataclass(frozen=True)
class Proposal:
    """Settings that fit some logs.

    Attributes:
        tiers: the proposed section `tiers`.
        rows: a row for each tier, from 0: `shows`, and the impressions of each source under the source's name.
    """

    tiers: TiersConfig
    rows: pl.DataFrame


def propose_tiers(shows: pl.DataFrame, sources: Sequence[str]) -> Proposal | None:
    """Settings by which each tier has about an eighth of the impressions, and less-streamed shows have half of them.

    The impressions of each source count as much as those of any other. A tier takes shows, those with most hours first,
    until it has its part of what the tiers before it left. So a show with most of the impressions fills a tier alone.

    Args:
        shows: a row for each show with impressions: tier_ms, tier_streams, and its impressions of each source.
        sources: the sources.

    Returns:
        Boundaries of two digits; None if the shows have fewer than eight amounts of listening that differ in these.
    """
    counts = shows.select(sources).to_numpy().astype(float)
    weight = (counts / np.maximum(counts.sum(axis=0), 1)).sum(axis=1)
    hours, of_class = np.unique(_two_digits(shows["tier_ms"].to_numpy() / HOUR_MS), return_inverse=True)
    if len(hours) < STREAM_TIERS:
        return None
    starts = _starts(np.bincount(of_class, weight).astype(float)[::-1])
    boundaries = tuple(hours[::-1][np.array(starts) - 1].tolist())
    tiers = TiersConfig(boundaries_hours=boundaries, less_streamed_below=_median(shows["tier_streams"], weight))
    tier = tier_columns(shows["tier_ms"].to_numpy(), shows["tier_streams"].to_numpy(), tiers)[STREAM_TIER]
    by_tier = shows.with_columns(pl.Series(STREAM_TIER, tier)).group_by(STREAM_TIER)
    return Proposal(tiers, by_tier.agg(pl.len().alias("shows"), pl.col(sources).sum()).sort(STREAM_TIER))


def _two_digits(hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """The hours, cut after two digits. Boundaries have two digits, so shows that agree here are in the same tier."""
    return np.array([float(_TWO_DIGITS.create_decimal_from_float(value)) for value in hours.tolist()])


def _starts(weights: NDArray[np.float64]) -> list[int]:
    """The places in `weights` where the tiers from 1 on begin; each tier has at least one place."""
    ends = np.concatenate([[0.0], np.cumsum(weights)])
    starts, start = [], 0
    for tiers_left in range(STREAM_TIERS, 1, -1):
        wanted = ends[start] + (ends[-1] - ends[start]) / tiers_left
        after = int(np.searchsorted(ends, wanted))
        nearest = after if ends[after] - wanted <= wanted - ends[after - 1] else after - 1
        start = min(max(nearest, start + 1), len(weights) - tiers_left + 1)
        starts.append(start)
    return starts


def _median(streams: pl.Series, weight: NDArray[np.float64]) -> int:
    """The weighted median of streams, rounded up to two digits: shows with about half of all `weight` have fewer."""
    order = np.argsort(streams.to_numpy(), kind="stable")
    total = np.cumsum(weight[order])
    middle = int(streams[int(order[np.searchsorted(total, total[-1] / 2)])])
    unit = 10 ** max(len(str(middle)) - 2, 0)
    return max(-(-middle // unit) * unit, 1)
