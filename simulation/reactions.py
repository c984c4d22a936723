"""Turns outcomes into logged actions: their time, their listening, and whether they name the impression."""

import numpy as np
from numpy.random import Generator

from logs.times import HOUR_US
from simulation.arrays import Bools, Floats, Ints
from simulation.clock import SECOND_US, numbers_of_day
from simulation.events import CLICK, FOLLOW, LIKE, NONE, STREAM, Events, concat, events
from simulation.impressions import Impressions
from simulation.listened import draw_full_ms, draw_skip_ms
from simulation.randomness import choice
from simulation.state import LIBRARY_SIZE, WorldState
from simulation.world import World

AT_ONCE, LATER, MUCH_LATER = range(3)
PACE_SHARES = (0.65, 0.25, 0.10)
NAMED = (0.92, 0.10, 0.05)
"""Probability that a stream of each pace names its impression: high from the card, low from the library."""

MOST_DELAY_US = 72 * HOUR_US
_ADOPTED_AFTER_STREAM = 0.3
_SKIP_AFTER_CLICK = 0.25
_CLICK_NAMED = 0.97


def react(world: World, state: WorldState, rng: Generator, shown: Impressions, day: int, outcomes: Bools) -> Events:
    """The actions that follow from a day's outcomes. Follows and some streams put shows into libraries in `state`.

    Args:
        world: the world.
        state: its state.
        rng: random generator.
        shown: the day's impressions.
        day: number of the day.
        outcomes: bool [n, 4], stream, click, like, follow.
    """
    n = len(shown)
    stream, click, like, follow = outcomes.T
    pace = choice(rng, np.array(PACE_SHARES), n)
    names = rng.random(n) < np.array(NAMED)[pace]
    clicked_us = shown.time_us + _seconds(rng, n, 6.0, 0.8)
    streamed_us = shown.time_us + _delays(rng, pace)
    # A click comes before an immediate stream.
    streamed_us = np.where(click & (pace == AT_ONCE), np.maximum(streamed_us, clicked_us + SECOND_US), streamed_us)
    episodes = world.episodes
    other = episodes.recent(rng, shown.show, episodes.latest(day), 0.5)
    episode = np.where((shown.episode != NONE) & (rng.random(n) < 0.85), shown.episode, other)
    listened = draw_full_ms(rng, episodes.duration_ms[episode])
    # Likes and follows come while listening, or soon after an impression that led to no stream.
    begun_us = np.where(stream, streamed_us, shown.time_us)
    liked_us = begun_us + np.where(
        stream, (listened * 1_000 * rng.random(n)).astype(np.int64), _seconds(rng, n, 15.0, 1.0)
    )
    followed_us = begun_us + np.where(stream, listened * 1_000, 0) + _seconds(rng, n, 25.0, 1.0)
    skips = click & ~stream & (rng.random(n) < _SKIP_AFTER_CLICK)
    number = numbers_of_day(day, n)
    named = np.where(names, number, NONE)
    named_click = np.where(rng.random(n) < _CLICK_NAMED, number, NONE)

    def some(kind: int, rows: Bools, time_us: Ints, names: Ints, listened_ms: Ints | None = None) -> Events:
        heard = NONE if listened_ms is None else listened_ms[rows]
        on = episode[rows] if listened_ms is not None else NONE
        return events(kind, time_us[rows], shown.user[rows], shown.show[rows], on, heard, names[rows])

    adopted = follow | (stream & (rng.random(n) < _ADOPTED_AFTER_STREAM))
    slot = rng.integers(LIBRARY_SIZE // 2, LIBRARY_SIZE, n)
    state.adopt(shown.user[adopted], shown.show[adopted], slot[adopted])
    return concat(
        [
            some(STREAM, stream, streamed_us, named, listened),
            some(STREAM, skips, clicked_us + SECOND_US, named_click, draw_skip_ms(rng, n)),
            some(CLICK, click, clicked_us, named_click),
            some(LIKE, like, liked_us, named),
            some(FOLLOW, follow, followed_us, named),
        ]
    )


def _seconds(rng: Generator, count: int, median: float, sigma: float) -> Ints:
    """Lognormal delays in microseconds, at most ten minutes."""
    return (np.minimum(median * np.exp(sigma * rng.normal(size=count)), 600.0) * SECOND_US).astype(np.int64)


def _delays(rng: Generator, pace: Ints) -> Ints:
    """Microseconds to the stream: seconds, hours (exponential, mean 5 h), or about a day (lognormal, median 22 h)."""
    n = len(pace)
    hours: Floats = np.where(pace == LATER, rng.exponential(5.0, n), 22.0 * np.exp(0.5 * rng.normal(size=n)))
    later = np.minimum((hours * HOUR_US).astype(np.int64), MOST_DELAY_US)
    return np.where(pace == AT_ONCE, _seconds(rng, n, 20.0, 1.0), later)
