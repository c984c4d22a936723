"""The day's ad opportunities, with the facts that a server has when each comes up: the session and the day so far."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logs.times import DAY_US, SECOND_US
from simulation.arrays import Ints, rank_in_group
from simulation.opportunities import draw_opportunities
from simulation.randomness import Purpose, generator
from simulation.world import World


@dataclass(frozen=True)
class Requests:
    """The ad opportunities of a day, in the order in which an ad policy gets them; every column [n].

    Attributes:
        position: 1, 2, ... within the user's session. Every opportunity counts, whether it is filled or not.
        seen_today: earlier opportunities of the user on this day.
        since_last: seconds since the user's last one on this day, NaN without any.
        since_midnight: seconds since the day's start.
    """

    position: Ints
    seen_today: Ints
    since_last: NDArray[np.float64]
    since_midnight: NDArray[np.float64]


def requests_of(world: World, day: int) -> Requests:
    """The requests of a day, promotions counted in; the world draws the same opportunities when it lives the day."""
    moments = draw_opportunities(world, generator(world.config.seed, Purpose.OPPORTUNITIES, day), day)
    order = np.lexsort((moments.time_us, moments.user))
    user, time = moments.user[order], moments.time_us[order]
    gaps = np.full(len(order), np.nan)
    gaps[1:] = np.where(user[1:] == user[:-1], np.diff(time) / SECOND_US, np.nan)
    since_last, seen = np.empty(len(order)), np.empty(len(order), np.int64)
    since_last[order], seen[order] = gaps, rank_in_group(user)
    by_time = np.argsort(moments.time_us, kind="stable")
    position = np.empty(len(order), np.int64)
    position[by_time] = 1 + rank_in_group(moments.session[by_time])
    ads = moments.is_ad
    since_midnight = (moments.time_us - day * DAY_US) / SECOND_US
    return Requests(position[ads], seen[ads], since_last[ads], since_midnight[ads])
