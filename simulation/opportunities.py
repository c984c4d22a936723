"""The sessions of one day, and the moments in them when a promotion or an ad can be shown."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from logs.times import DAY_US
from simulation.arrays import Bools, Ints, Rows, group_starts
from simulation.clock import SECOND_US, WEEKDAYS, day_date, draw_times
from simulation.names import DEVICES
from simulation.randomness import choice
from simulation.world import World

_EXPOSURE_POWER = 0.8
_MORE_SESSIONS = 1.2
_GAP_SECONDS = 200.0
_MAIN_DEVICE = 0.75
_SLACK_SECONDS = 900.0


@dataclass(frozen=True)
class Opportunities(Rows):
    """Moments when something can be shown, ordered by session, then by time; every column [n].

    Attributes:
        user: index.
        is_ad: whether the moment is for an ad, else for a promotion.
        session: number of the session within the day.
        time_us: microseconds since the start of day 0.
        device: code.
    """

    user: Ints
    is_ad: Bools
    session: Ints
    time_us: Ints
    device: Ints


def draw_opportunities(world: World, rng: Generator, day: int) -> Opportunities:
    """Draws a day's opportunities; ads only for users of the free product."""
    config, users = world.config, world.users
    here = users.joined <= day
    exposure = users.activity**_EXPOSURE_POWER * here
    a_day = config.impressions / config.days * WEEKDAYS[day_date(config, day).weekday()]
    promotions = a_day / (1.0 + config.ads_per_promotion)
    counts = np.stack(
        [
            rng.poisson(promotions * exposure / exposure.sum()),
            rng.poisson((a_day - promotions) * exposure * users.free / (exposure * users.free).sum()),
        ],
        axis=1,
    )
    user = np.repeat(np.repeat(np.arange(config.users), 2), counts.ravel())
    is_ad = np.repeat(np.tile([False, True], config.users), counts.ravel())
    sessions = 1 + rng.poisson(_MORE_SESSIONS, config.users)
    first = np.concatenate([[0], np.cumsum(sessions)])
    session = first[user] + (rng.random(len(user)) * sessions[user]).astype(np.int64)
    order = np.lexsort((rng.random(len(user)), session))  # sources in any order within a session
    user, is_ad, session = user[order], is_ad[order], session[order]
    owner = np.repeat(np.arange(config.users), sessions)
    device = np.where(
        rng.random(len(owner)) < _MAIN_DEVICE,
        users.device[owner],
        choice(rng, np.array(list(DEVICES.values())), len(owner)),
    )
    offset = _offsets(rng, session)
    # A session that would run past midnight starts earlier, so that each impression stays in its day.
    length = np.zeros(len(owner), np.int64)
    np.maximum.at(length, session, offset)
    latest = DAY_US - 1 - length - (rng.random(len(owner)) * _SLACK_SECONDS * SECOND_US).astype(np.int64)
    start = np.minimum(draw_times(rng, users.market[owner]), latest)
    time_us = day * DAY_US + np.maximum(start[session] + offset, 0)
    return Opportunities(user, is_ad, session, time_us, device[session])


def _offsets(rng: Generator, session: Ints) -> Ints:
    """Microseconds from a session's start to each of its rows, gaps exponential; rows ordered by session."""
    passed = np.cumsum(np.minimum(rng.exponential(_GAP_SECONDS, len(session)), 1_800.0) * SECOND_US).astype(np.int64)
    return passed - passed[group_starts(session)]
