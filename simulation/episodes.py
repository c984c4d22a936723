"""Episodes: each show's back catalogue and its releases until the end of the logs."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from logs.times import DAY_US
from simulation.arrays import Floats, Ints
from simulation.config import SimulationConfig
from simulation.shows import Shows

_MOST_OLD = 20


@dataclass(frozen=True)
class Episodes:
    """All episodes, ordered by show, then by release.

    Attributes:
        show: [episodes], index of the show.
        released_us: [episodes], microseconds since the start of day 0, may be negative.
        duration_ms: [episodes].
        first: [shows + 1], where each show's episodes begin.
    """

    show: Ints
    released_us: Ints
    duration_ms: Ints
    first: Ints

    def latest(self, day: int) -> Ints:
        """Index of each show's latest episode released by the start of `day`, or of its first one; [shows]."""
        out = np.concatenate([[0], np.cumsum(self.released_us <= day * DAY_US)])
        return self.first[:-1] + np.maximum(out[self.first[1:]] - out[self.first[:-1]] - 1, 0)

    def recent(self, rng: Generator, shows: Ints, latest: Ints, newest_share: Floats | float) -> Ints:
        """An episode for each row: the latest with probability `newest_share`, else one before it."""
        back = rng.geometric(newest_share, len(shows)) - 1
        return np.maximum(latest[shows] - back, self.first[shows])


def draw_episodes(rng: Generator, config: SimulationConfig, shows: Shows) -> Episodes:
    """One episode every `cadence` days since the show's release; of those before day 0 only the last 20."""
    skipped = np.maximum(-shows.released // shows.cadence + 1 - _MOST_OLD, 0)
    start = shows.released + skipped * shows.cadence
    count = np.maximum((config.end_day - start) // shows.cadence, 1)
    first = np.concatenate([[0], np.cumsum(count)])
    show = np.repeat(np.arange(config.shows), count)
    number = np.arange(len(show)) - first[show]
    # The first episode appears at the start of its show's first day, later ones at a random minute of their day.
    minute = np.where(number == 0, 0, rng.integers(0, 24 * 60, len(show)))
    released = (start[show] + number * shows.cadence[show]) * DAY_US + minute * 60_000_000
    minutes = shows.minutes[show] * np.exp(rng.normal(0.0, 0.25, len(show)))
    return Episodes(show, released, (minutes.clip(3.0, 240.0) * 60_000).astype(np.int64), first)
