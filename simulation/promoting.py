"""The existing promotion policy: it shows campaigns that it believes relevant and popular, and explores a little."""

import numpy as np
from numpy.random import Generator

from simulation.arrays import Ints
from simulation.events import NONE
from simulation.opportunities import Opportunities
from simulation.pools import draw_by_language
from simulation.randomness import gumbel
from simulation.state import WorldState
from simulation.world import World

_CANDIDATES = 12
_OTHER_LANGUAGE = 0.05
_REACH_POWER = 0.5
_BY_RELEVANCE = 0.9
_BY_LOG_REACH = 0.15
_FAMILIAR = -1.5
_SHOWN = -0.5


def promote(world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> Ints:
    """A promotion campaign for each opportunity; [n] -> [n]. NONE everywhere on days without a campaign.

    Candidates are drawn by language in proportion to reach^0.5. The highest score is shown:
    0.9 relevance + 0.15 log reach - 1.5 [in the library] - 0.5 times shown lately + Gumbel noise.
    """
    campaigns, shows = world.promotions, world.shows
    reach = np.where((campaigns.start <= day) & (day <= campaigns.end), shows.reach(day)[campaigns.show], 0.0)
    if not reach.any():
        return np.full(len(moments), NONE)
    languages, speaks = shows.language[campaigns.show], world.users.language[moments.user]
    candidates = draw_by_language(rng, languages, reach**_REACH_POWER, speaks, _CANDIDATES, _OTHER_LANGUAGE)
    show = campaigns.show[candidates]
    shown = state.times_shown(moments.user, show, day)
    score = (
        _BY_RELEVANCE * world.estimated_affinity(moments.user, show)
        + _BY_LOG_REACH * np.log(reach[candidates])
        + _FAMILIAR * state.familiar(moments.user, show)
        + _SHOWN * np.minimum(shown, 4)
        + gumbel(rng, candidates.shape)
    )
    return candidates[np.arange(len(moments)), np.argmax(score, axis=1)]
