"""Keyed events in time order, counted and summed over half-open windows by binary search.

All times of one bucket of users are replaced by their ranks ("ticks"), so that key and time together fit one int64 and
a window's count is a difference of two positions.
"""

from dataclasses import dataclass

import numpy as np

_LIMIT = 2**62


class Clock:
    """Ranks of times, the ticks. Ticks of events and bounds compare like their times."""

    def __init__(self, *times: np.ndarray) -> None:
        self._times = np.unique(np.concatenate(times))
        self.size = len(self._times) + 1

    def tick(self, time: np.ndarray) -> np.ndarray:
        """How many known times lie strictly before each of `time` (int64 microseconds)."""
        return np.searchsorted(self._times, time)


class Timeline:
    """Events sorted by key, then time.

    Attributes:
        order: positions of the given events in the timeline's order; equal key and time keep the given order.
    """

    def __init__(self, clock: Clock, key: np.ndarray, tick: np.ndarray) -> None:
        if len(key) and int(key.max()) >= _LIMIT // clock.size:
            raise OverflowError("keys and times of a bucket do not fit int64 together")
        self._size = clock.size
        codes = key.astype(np.int64) * self._size + tick
        self.order = np.argsort(codes, kind="stable")
        self._codes = codes[self.order]

    def before(self, key: np.ndarray, tick: np.ndarray) -> np.ndarray:
        """Number of events of smaller keys, or of this key and strictly before `tick`."""
        return np.searchsorted(self._codes, key.astype(np.int64) * self._size + tick)

    def window(self, key: np.ndarray, start: np.ndarray, end: np.ndarray) -> "Window":
        """The events of each `key` in [start, end), both ticks."""
        return Window(self, self.before(key, start), self.before(key, end))

    def running(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` [n, ...] (in the given events' order) of the first 0, 1, ... n events of the timeline."""
        sums = np.zeros((len(values) + 1, *values.shape[1:]), values.dtype)
        np.cumsum(values[self.order], axis=0, out=sums[1:])
        return sums


@dataclass(frozen=True)
class Window:
    """Some windows of a timeline: for each, its events are those at the positions `start` to `end` - 1."""

    timeline: Timeline
    start: np.ndarray
    end: np.ndarray

    @property
    def count(self) -> np.ndarray:
        """Number of events."""
        return self.end - self.start

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` [n, ...] (in the given events' order), which must be exact, so integers."""
        running = self.timeline.running(values)
        return running[self.end] - running[self.start]

    def latest(self) -> np.ndarray:
        """Position (among the given events) of the last event, -1 without any."""
        if not len(self.timeline.order):
            return np.full(len(self.end), -1, np.int64)
        return np.where(self.end > self.start, self.timeline.order[self.end - 1], -1)
