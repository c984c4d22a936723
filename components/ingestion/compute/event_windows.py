"""The 30 days before each impression, as windows over a bucket's impressions and interactions on one clock.

History, response history, recency and taste share them. Each takes the events in reach and gives a row for each wanted
impression. A value depends only on the events in its window, not on the others in reach.
"""

from functools import cached_property

import numpy as np
import polars as pl

from components.ingestion.compute.timeline import Clock, Timeline, Window
from logs.times import DAY_US, HISTORY_DAYS
from transforms.domain import STREAM, Domain

WINDOW_US = HISTORY_DAYS * DAY_US
"""The length of a user's window, in microseconds."""


def known_at(interactions: pl.DataFrame, domain: Domain) -> np.ndarray:
    """When each interaction is known, in microseconds: a stream at its end, others at their timestamp."""
    listened = interactions["listened_ms"].fill_null(0).to_numpy()
    is_stream = interactions["kind"].to_numpy() == domain.kind_code(STREAM)
    return interactions["timestamp"].to_numpy() + np.where(is_stream, listened * 1000, 0)


class EventWindows:
    """The windows [t - 30 days, t) before each wanted impression at t, over impressions and interactions.

    Attributes:
        shown_at: timestamps of all impressions.
        known: when each interaction is known.
        kind: index of `domain.kinds` of each interaction.
        wanted: positions of the impressions that get a value.
        at: their timestamps.
        clock: has the times of all impressions and interactions.
        tick: ticks of `known`.
        now: ticks of `at`.
        start: ticks of `at` - 30 days.
    """

    def __init__(self, impressions: pl.DataFrame, interactions: pl.DataFrame, wanted: np.ndarray, domain: Domain):
        """Takes the events of a bucket.

        Args:
            impressions: user, pair of user and show (int64) and timestamp of every impression in reach.
            interactions: user, pair (-1 without a show), timestamp, kind and listened_ms of the interactions in reach.
            wanted: positions of the impressions that get a value.
            domain: says which kind each index stands for.
        """
        self._impressions, self._interactions, self._domain = impressions, interactions, domain
        self.shown_at = impressions["timestamp"].to_numpy()
        self.known = known_at(interactions, domain)
        self.kind = interactions["kind"].to_numpy()
        self.wanted = wanted
        self.at = self.shown_at[wanted]
        self.clock = Clock(self.known, self.shown_at)
        self.tick = self.clock.tick(self.known)
        self.now = self.clock.tick(self.at)
        self.start = self.clock.tick(self.at - WINDOW_US)

    def of_kind(self, kind: str) -> np.ndarray:
        """Whether each interaction is of `kind`."""
        return self.kind == self._domain.kind_code(kind)

    def shown(self, key: np.ndarray) -> Window:
        """The impressions with the same key (int64 by impression) in the window of each wanted one."""
        timeline = Timeline(self.clock, key, self._shown_tick)
        return timeline.window(key[self.wanted], self.start, self.now)

    def acts(self, key: str, which: np.ndarray) -> Window:
        """The interactions `which` with the same `key`, `user` or `pair`, in the window of each wanted impression."""
        timeline = Timeline(self.clock, self._interactions[key].to_numpy()[which], self.tick[which])
        return timeline.window(self._impressions[key].to_numpy()[self.wanted], self.start, self.now)

    @cached_property
    def shown_to_user(self) -> Window:
        """The user's impressions."""
        return self.shown(self._impressions["user"].to_numpy())

    @cached_property
    def shown_of_pair(self) -> Window:
        """The impressions of the user and the show."""
        return self.shown(self._impressions["pair"].to_numpy())

    @cached_property
    def streams(self) -> np.ndarray:
        """Positions of the streams among the interactions."""
        return np.flatnonzero(self.of_kind(STREAM))

    @cached_property
    def streams_of_user(self) -> Window:
        """The user's streams, positions among `streams`."""
        return self.acts("user", self.streams)

    @cached_property
    def streams_of_pair(self) -> Window:
        """The streams of the user and the show, positions among `streams`."""
        return self.acts("pair", self.streams)

    @cached_property
    def _shown_tick(self) -> np.ndarray:
        return self.clock.tick(self.shown_at)
