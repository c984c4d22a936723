"""Measures of each show over 30 days, for tiers and show history (docs/data.md), as changes on each day.

An event of day k counts on the days k + 1 to k + 30: a change of +v counts from k + 1, and one of -v from k + 31. The
changes of all buckets of users add up, those of followers too, since no user is in two buckets.
"""

import numpy as np
import polars as pl

from components.ingestion.compute.event_windows import known_at
from logs.tiers import hours_of
from logs.times import DAY_US, HISTORY_DAYS
from transforms.domain import FOLLOW, STREAM, Domain

MEASURES = ("tier_ms", "tier_streams", "listened_ms", "streams", "followers")
"""Milliseconds and number of streams longer than the minimum, by the day they began; milliseconds and number of all
streams, by the day they ended; distinct users who followed."""


def show_changes(interactions: pl.DataFrame, domain: Domain) -> pl.DataFrame:
    """Changes of every show's measures.

    Args:
        interactions: user, show (int64), timestamp, kind (index of `domain.kinds`), listened_ms; all of a user's.
        domain: tiers count streams strictly longer than the least of its label `stream`.

    Returns:
        show, day (int64 day number the change counts from) and `MEASURES`, one row a show and day.
    """
    acts = interactions.with_columns(
        began=pl.col("timestamp").floordiv(DAY_US), known=pl.Series(known_at(interactions, domain) // DAY_US)
    )
    streams = acts.filter(pl.col("kind") == domain.kind_code(STREAM))
    for_tier = streams.filter(pl.col("listened_ms") > domain.labels[STREAM].min_stream_ms)
    parts = [
        _windowed(for_tier, "began", tier_ms=pl.col("listened_ms").sum(), tier_streams=pl.len()),
        _windowed(streams, "known", listened_ms=pl.col("listened_ms").sum(), streams=pl.len()),
        _followers(acts.filter(pl.col("kind") == domain.kind_code(FOLLOW))),
    ]
    return sum_measures(parts, ["show", "day"])


def sum_measures(parts: list[pl.DataFrame], by: list[str]) -> pl.DataFrame:
    """The measures of all `parts` summed by `by`; a measure that a part lacks is 0 there."""
    together = pl.concat(parts, how="diagonal")
    sums = [pl.col(name).sum().cast(pl.Int64) for name in MEASURES]
    return together.group_by(by).agg(sums)


def measures_of(state: pl.DataFrame) -> pl.DataFrame:
    """The summed measures (null: none) in their final units: hours and counts."""
    known = state.with_columns(pl.col(MEASURES).fill_null(0))
    return known.with_columns(
        hours_of(known["listened_ms"]).alias("derived.show_hours_30d"),
        pl.col("streams").alias("derived.show_streams_30d"),
        pl.col("followers").alias("derived.show_followers_30d"),
    )


def _windowed(acts: pl.DataFrame, day: str, **sums: pl.Expr) -> pl.DataFrame:
    daily = acts.group_by("show", pl.col(day).alias("day")).agg(
        *(expr.cast(pl.Int64).alias(name) for name, expr in sums.items())
    )
    entering = daily.with_columns(pl.col("day") + 1)
    leaving = daily.with_columns(pl.col("day") + HISTORY_DAYS + 1, *(-pl.col(name) for name in sums))
    return pl.concat([entering, leaving])


def _followers(follows: pl.DataFrame) -> pl.DataFrame:
    """A user counts for 30 days from the day after a follow; a follow within these days begins the 30 days anew."""
    days = follows.select("show", "user", day="known").unique().sort("show", "user", "day")
    show, user, day = (days[name].to_numpy() for name in ("show", "user", "day"))
    joined = (show[1:] == show[:-1]) & (user[1:] == user[:-1]) & (np.diff(day) <= HISTORY_DAYS)
    edge = np.ones(min(len(day), 1), bool)
    first, last = np.concatenate([edge, ~joined]), np.concatenate([~joined, edge])
    changes = pl.DataFrame(
        {
            "show": np.concatenate([show[first], show[last]]),
            "day": np.concatenate([day[first] + 1, day[last] + HISTORY_DAYS + 1]),
            "followers": np.repeat(np.array([1, -1]), [first.sum(), last.sum()]),
        }
    )
    return changes.group_by("show", "day").agg(pl.col("followers").sum())
