"""Times since the user's last impression and stream, and counts of the day and of the last half hour.

Only what was known strictly before an impression counts (docs/data.md#what-was-known-at-the-time).
"""

import numpy as np
import polars as pl

from components.ingestion.compute.event_windows import WINDOW_US, EventWindows
from components.ingestion.compute.responses import Responses
from components.ingestion.compute.timeline import Clock, Timeline, Window
from logs.times import DAY_US, MINUTE_US, SECOND_US

_SESSION_US = 30 * MINUTE_US

RECENCY = (
    "user_seconds_since_impression",
    "user_show_seconds_since_impression",
    "user_seconds_since_stream",
    "user_show_seconds_since_stream",
    "user_impressions_today",
    "user_responses_30m",
)
"""The columns of `recency`, after `derived.`."""


def recency(windows: EventWindows, user: np.ndarray, responses: Responses) -> pl.DataFrame:
    """Seconds since the last impression and stream (null without any), and counts, one row a wanted impression.

    Args:
        windows: of the impressions and interactions.
        user: int64 per impression.
        responses: of the impressions.
    """
    ended = windows.known[windows.streams]
    shown = windows.shown_to_user
    midnight = windows.clock.tick(windows.at // DAY_US * DAY_US)
    columns = (
        _seconds_since(windows, shown, windows.shown_at),
        _seconds_since(windows, windows.shown_of_pair, windows.shown_at),
        _seconds_since(windows, windows.streams_of_user, ended),
        _seconds_since(windows, windows.streams_of_pair, ended),
        shown.end - shown.timeline.before(user[windows.wanted], midnight),
        _just_known(windows, user, responses),
    )
    return pl.DataFrame({f"derived.{name}": column for name, column in zip(RECENCY, columns, strict=True)})


def _seconds_since(windows: EventWindows, events: Window, times: np.ndarray) -> pl.Series:
    latest = events.latest()
    seconds = np.full(len(latest), np.nan)
    some = latest >= 0
    seconds[some] = (windows.at[some] - times[latest[some]]) / SECOND_US
    return pl.Series(seconds).fill_nan(None)


def _just_known(windows: EventWindows, user: np.ndarray, responses: Responses) -> np.ndarray:
    """The user's responses known in the 30 minutes before, of impressions in the 30 days before.

    A response counts from when it is known until 30 minutes later, or until its impression leaves the 30 days.
    """
    leaves = np.minimum(responses.known + _SESSION_US, windows.shown_at[responses.impression] + WINDOW_US)
    kept = responses.known < leaves
    known, leaves, users = responses.known[kept], leaves[kept], user[responses.impression[kept]]
    clock = Clock(known, leaves)
    wanted, now = user[windows.wanted], clock.tick(windows.at)
    entered = Timeline(clock, users, clock.tick(known)).before(wanted, now)
    left = Timeline(clock, users, clock.tick(leaves)).before(wanted, now)
    return entered - left
