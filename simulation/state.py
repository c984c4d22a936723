"""The state that passes from day to day. Its size depends on users, shows, and campaigns, not on the number of days."""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import Bools, Ints, blocks, rank_in_group
from simulation.discovery import discover
from simulation.events import NONE, Events, nothing
from simulation.randomness import Purpose, generator
from simulation.world import World

LIBRARY_SIZE = 10
RECENT_SIZE = 24
RECENT_DAYS = 7


@dataclass
class WorldState:
    """The changing part of the world.

    Attributes:
        library: [users, LIBRARY_SIZE], shows that each user returns to, favourites first.
        recent_show, recent_day: [users, RECENT_SIZE], a ring buffer of the latest impressions.
        recent_next: [users], next place in the ring buffer.
        spent_micros: [ad campaigns], spent so far.
        held: actions of later days, at most reactions.MOST_DELAY_US and the length of one stream ahead.
    """

    library: Ints
    recent_show: Ints
    recent_day: Ints
    recent_next: Ints
    spent_micros: Ints
    held: Events

    def familiar(self, user: Ints, show: Ints) -> Bools:
        """Whether each show is in its user's library; [n], [n] or [n, k] -> the shape of `show`."""
        known = np.empty(show.shape, bool)
        for rows in blocks(len(user)):
            known[rows] = _matches(self.library[user[rows]], show[rows]).any(axis=-1)
        return known

    def times_shown(self, user: Ints, show: Ints, day: int) -> Ints:
        """Impressions of each show for its user in the RECENT_DAYS before `day`; shapes as in `familiar`."""
        times = np.empty(show.shape, np.int64)
        for rows in blocks(len(user)):
            fresh = self.recent_day[user[rows]] >= day - RECENT_DAYS
            lately = np.where(fresh, self.recent_show[user[rows]], np.int32(NONE))
            times[rows] = np.count_nonzero(_matches(lately, show[rows]), axis=-1)
        return times

    def add_impressions(self, user: Ints, show: Ints, day: int) -> None:
        """Remembers a day's impressions (in the order of time), at most the last RECENT_SIZE of each user."""
        position = rank_in_group(user)
        last = np.bincount(user, minlength=len(self.recent_next))[user] - position <= RECENT_SIZE
        slot = (self.recent_next[user] + position) % RECENT_SIZE
        self.recent_show[user[last], slot[last]] = show[last]
        self.recent_day[user[last], slot[last]] = day
        self.recent_next = (self.recent_next + np.bincount(user, minlength=len(self.recent_next))) % RECENT_SIZE

    def adopt(self, user: Ints, show: Ints, slot: Ints) -> None:
        """Puts each show into its slot of the user's library, unless the library has it already."""
        new = ~self.familiar(user, show)
        self.library[user[new], slot[new]] = show[new]


def first_state(world: World) -> WorldState:
    """The state before day 0: libraries full of past discoveries, no impressions, no spend."""
    config = world.config
    rng = generator(config.seed, Purpose.LIBRARIES)
    everyone = np.arange(config.users)
    library = np.stack([discover(world, rng, everyone, 0) for _ in range(LIBRARY_SIZE)], axis=1)
    return WorldState(
        library=library.astype(np.int32),
        recent_show=np.full((config.users, RECENT_SIZE), NONE, np.int32),
        recent_day=np.full((config.users, RECENT_SIZE), -RECENT_DAYS - 1, np.int16),
        recent_next=np.zeros(config.users, np.int64),
        spent_micros=np.zeros(len(world.ads.show), np.int64),
        held=nothing(),
    )


def _matches(kept: Ints, show: Ints) -> Bools:
    """Whether each show equals each kept show of its row; [n, kept], [n] or [n, k] -> [n, kept] or [n, k, kept]."""
    apart = kept.reshape(len(kept), *(1,) * (show.ndim - 1), kept.shape[1])
    return apart == show.astype(np.int32)[..., None]
