"""Tiers and show history at their edges (docs/data.md#stream-tiers)."""

import numpy as np
import polars as pl
import pytest

from components.ingestion.compute.show_days import MEASURES, measures_of, show_changes, sum_measures
from logs.tiers import tier
from transforms.domain import Domain

HOUR = 3_600_000_000
DAY = 24 * HOUR
BOUNDARIES = (7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0)


def on_day(day, acts):
    """The measures of show 0 that count on `day`; acts are (kind, user, time, listened_ms)."""
    frame = pl.DataFrame(
        acts,
        schema={"kind": pl.String, "user": pl.Int64, "timestamp": pl.Int64, "listened_ms": pl.Int64},
        orient="row",
    ).with_columns(pl.col("kind").cast(pl.Enum(Domain().kinds)).to_physical(), show=pl.lit(0, pl.Int64))
    changes = show_changes(frame, Domain()).filter(pl.col("day") <= day)
    state = (
        sum_measures([changes.drop("day")], ["show"])
        if len(changes)
        else pl.DataFrame({name: [0] for name in MEASURES})
    )
    return measures_of(state).row(0, named=True)


@pytest.mark.parametrize(("day", "streams"), [(100, 0), (101, 1), (130, 1), (131, 0)])
def test_a_stream_counts_on_the_thirty_days_after_its_own(day, streams):
    result = on_day(day, [("stream", 0, 100 * DAY + DAY - 1, 60_001)])
    assert result["tier_streams"] == streams
    assert result["tier_ms"] == streams * 60_001


def test_tiers_count_streams_strictly_longer_than_the_minimum():
    assert on_day(101, [("stream", 0, 100 * DAY, 60_000)])["tier_streams"] == 0
    assert on_day(101, [("stream", 0, 100 * DAY, 60_000)])["derived.show_streams_30d"] == 1


def test_tiers_date_a_stream_by_its_begin_and_history_by_its_end():
    over_midnight = [("stream", 0, 101 * DAY - HOUR, 2 * 3_600_000)]
    assert on_day(101, over_midnight)["tier_streams"] == 1
    assert on_day(101, over_midnight)["derived.show_streams_30d"] == 0
    assert on_day(102, over_midnight)["derived.show_hours_30d"] == 2.0


@pytest.mark.parametrize(("day", "followers"), [(100, 0), (101, 1), (104, 2), (131, 2), (133, 2), (134, 0)])
def test_followers_are_distinct_users(day, followers):
    acts = [("follow", 0, 100 * DAY, None), ("follow", 0, 103 * DAY, None), ("follow", 1, 103 * DAY, None)]
    assert on_day(day, acts)["derived.show_followers_30d"] == followers


def test_a_follower_who_follows_again_after_thirty_days_counts_on_both_sides_once():
    acts = [("follow", 0, 100 * DAY, None), ("follow", 0, 130 * DAY, None), ("follow", 0, 161 * DAY, None)]
    counts = [on_day(day, acts)["derived.show_followers_30d"] for day in (101, 130, 131, 160, 161, 162)]
    assert counts == [1, 1, 1, 1, 0, 1]


@pytest.mark.parametrize(("hours", "expected"), [(0, 7), (0.999, 7), (1.0, 6), (6.999, 1), (7.0, 0), (1e6, 0)])
def test_a_tier_is_the_number_of_boundaries_that_the_hours_are_below(hours, expected):
    assert tier(np.array([hours], float), BOUNDARIES).tolist() == [expected]


def test_whole_hours_are_not_below_themselves():
    """Polars divides by multiplying with the reciprocal: 3,600,000 ms would come out below one hour."""
    for hours in range(1, 8):
        state = pl.DataFrame({name: [hours * 3_600_000] for name in MEASURES})
        assert measures_of(state)["derived.show_hours_30d"].item() == float(hours)
