"""Organic listening of one day: streams, and the follows, likes, clicks and searches around them."""

import numpy as np
from numpy.random import Generator

from logs.times import DAY_US
from simulation.arrays import Bools, Ints, sigmoid
from simulation.clock import SECOND_US, WEEKDAYS, day_date, draw_times
from simulation.discovery import discover
from simulation.events import CLICK, FOLLOW, LIKE, NONE, SEARCH, STREAM, Events, concat, events
from simulation.listened import HEARD_MS, draw_listened_ms
from simulation.state import LIBRARY_SIZE, WorldState
from simulation.world import World

_FROM_LIBRARY = 0.75
_LIBRARY_SKEW = 1.7
_NEWEST_FROM_LIBRARY = 0.6
_NEWEST_DISCOVERED = 0.35
_SEARCH_BEFORE = 0.25
_SEARCHES_PER_STREAM = 0.08
_SEARCH_NAMES_SHOW = 0.5
_CLICK = 0.08


def listen(world: World, state: WorldState, rng: Generator, day: int) -> Events:
    """One day's organic actions. A followed show joins the user's library in `state`."""
    user = _listeners(world, rng, day)
    n = len(user)
    known = rng.random(n) < _FROM_LIBRARY
    shelf = (rng.random(n) ** _LIBRARY_SKEW * LIBRARY_SIZE).astype(np.int64)
    show = np.where(known, state.library[user, shelf], discover(world, rng, user, day))
    episodes = world.episodes
    newest = np.where(known, _NEWEST_FROM_LIBRARY, _NEWEST_DISCOVERED)
    episode = episodes.recent(rng, show, episodes.latest(day), newest)
    time_us = day * DAY_US + draw_times(rng, world.users.market[user])
    listened = draw_listened_ms(rng, episodes.duration_ms[episode], world.affinity(user, show))
    streams = events(STREAM, time_us, user, show, episode, listened)
    return concat([streams, *_around(world, state, rng, streams, ~known)])


def _listeners(world: World, rng: Generator, day: int) -> Ints:
    weekday = WEEKDAYS[day_date(world.config, day).weekday()]
    rate = world.config.streams_per_user_day * weekday * world.users.activity * (world.users.joined <= day)
    return np.repeat(np.arange(world.config.users), rng.poisson(rate))


def _around(world: World, state: WorldState, rng: Generator, streams: Events, discovered: Bools) -> list[Events]:
    """Follows and likes at the end of streams, clicks at their start, searches before discoveries and without aim."""
    n = len(streams)
    liking = 0.6 * world.affinity(streams.user, streams.show) + 0.4 * world.shows.quality[streams.show]
    heard = streams.listened_ms >= HEARD_MS
    end_us = streams.time_us + streams.listened_ms * 1_000
    follows = heard & (rng.random(n) < sigmoid(liking + np.where(discovered, -2.6, -5.0)))
    likes = heard & (rng.random(n) < sigmoid(liking - 4.0))
    clicks = rng.random(n) < _CLICK
    searched = rng.random(n) < np.where(discovered, _SEARCH_BEFORE, 0.0)
    slot = rng.integers(LIBRARY_SIZE // 2, LIBRARY_SIZE, n)
    state.adopt(streams.user[follows], streams.show[follows], slot[follows])
    aimless = rng.random(n) < _SEARCHES_PER_STREAM
    named = rng.random(n) < _SEARCH_NAMES_SHOW
    wait = (rng.exponential(40.0, n) * SECOND_US).astype(np.int64)
    # A search before a stream must stay in this day, because the day before is already written.
    before = np.maximum(streams.time_us - wait, streams.time_us // DAY_US * DAY_US)

    def some(kind: int, rows: Bools, time_us: Ints, show: Ints) -> Events:
        return events(kind, time_us[rows], streams.user[rows], show[rows])

    return [
        some(FOLLOW, follows, end_us + wait, streams.show),
        some(LIKE, likes, end_us + wait // 2, streams.show),
        some(CLICK, clicks, streams.time_us + wait // 8, streams.show),
        some(SEARCH, searched, before, np.where(named, streams.show, NONE)),
        some(SEARCH, aimless, end_us + wait, np.full(n, NONE)),
    ]
