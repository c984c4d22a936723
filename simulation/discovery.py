"""Discovery: users find popular shows in their language by themselves, and choose by taste."""

import numpy as np
from numpy.random import Generator

from simulation.arrays import Ints
from simulation.pools import draw_by_language
from simulation.randomness import gumbel
from simulation.world import World

CANDIDATES = 8
_OTHER_LANGUAGE = 0.06
_BY_AFFINITY = 1.2
_BY_QUALITY = 0.3


def discover(world: World, rng: Generator, user: Ints, day: int) -> Ints:
    """A show for each row's user, the one liked best among CANDIDATES popular shows, with Gumbel noise; [n] -> [n]."""
    shows = world.shows
    speaks = world.users.language[user]
    candidates = draw_by_language(rng, shows.language, shows.reach(day), speaks, CANDIDATES, _OTHER_LANGUAGE)
    score = _BY_AFFINITY * world.affinity(user, candidates) + _BY_QUALITY * shows.quality[candidates]
    best = np.argmax(score + gumbel(rng, candidates.shape), axis=1)
    return candidates[np.arange(len(user)), best]
