"""Days and hours: when people listen by local time, and the same moments in UTC."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
from numpy.random import Generator

from logs.times import DAY_US, HOUR_US
from simulation.arrays import Floats, Ints
from simulation.config import SimulationConfig
from simulation.names import MARKETS

SECOND_US = 1_000_000

_NUMBERS_A_DAY = 1_000_000_000

LOCAL_HOURS = np.array(
    [
        1.2,
        0.7,
        0.4,
        0.3,
        0.4,
        0.9,
        2.2,
        4.4,
        5.6,
        4.8,
        4.0,
        4.0,
        4.4,
        4.2,
        4.0,
        4.3,
        5.2,
        6.6,
        6.8,
        6.0,
        5.8,
        5.6,
        4.4,
        2.6,
    ]
)
"""Relative listening in each local hour: peaks for the morning and evening commute, then the evening at home."""

WEEKDAYS = np.array([1.05, 1.06, 1.06, 1.05, 1.02, 0.88, 0.88])
"""Relative listening on each weekday, Monday first; mean 1."""

_OFFSETS = np.array([market.utc_offset for market in MARKETS])


def day_date(config: SimulationConfig, day: int) -> date:
    """The UTC date of a day's number."""
    return config.start_date + timedelta(days=day - config.warmup_days)


def origin_us(config: SimulationConfig) -> int:
    """The start of day 0, in microseconds since the epoch."""
    first = day_date(config, 0)
    return int(datetime(first.year, first.month, first.day, tzinfo=timezone.utc).timestamp()) * SECOND_US


def numbers_of_day(day: int, rows: int) -> Ints:
    """Numbers of a day's impressions or interactions, for their ids; no two days share one; [rows]."""
    return day * _NUMBERS_A_DAY + np.arange(rows)


def draw_times(rng: Generator, markets: Ints) -> Ints:
    """Microseconds since the UTC day's start at which users of these markets listen; [n] -> [n]."""
    cumulative = np.concatenate([[0.0], np.cumsum(LOCAL_HOURS) / LOCAL_HOURS.sum()])
    local = np.interp(rng.random(len(markets)), cumulative, np.arange(25.0))
    return (((local - _OFFSETS[markets]) % 24.0) * HOUR_US).astype(np.int64) % DAY_US


def local_hours(times_us: Ints, markets: Ints) -> Floats:
    """The local hour in [0, 24) of absolute times (day 0 starts at midnight UTC)."""
    return (times_us / HOUR_US + _OFFSETS[markets]) % 24.0
