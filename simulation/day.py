"""One day of the world, from the state of the evening before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.events import Events, concat, of_day
from simulation.impressions import Impressions, show_impressions
from simulation.listening import listen
from simulation.policies import EXISTING, Policies
from simulation.randomness import Purpose, generator
from simulation.reactions import react
from simulation.response import Response, respond, terms_of
from simulation.state import WorldState
from simulation.world import World


@dataclass(frozen=True)
class Day:
    """The actions of a day and, on days with impressions, the impressions and the truth about their outcomes."""

    number: int
    actions: Events
    shown: Impressions | None
    response: Response | None


def live(
    world: World, state: WorldState, intercepts: NDArray[np.float64], day: int, policies: Policies = EXISTING
) -> Day:
    """Lives one day and changes `state` to that of its evening. The state holds actions that happen on later days."""
    seed = world.config.seed
    organic = listen(world, state, generator(seed, Purpose.LISTENING, day), day)
    if day < world.config.first_day:
        actions, state.held = of_day(concat([state.held, organic]), day)
        return Day(day, actions, None, None)
    shown = show_impressions(world, state, day, policies)
    rng = generator(seed, Purpose.OUTCOMES, day)
    terms = terms_of(
        world,
        shown,
        state.times_shown(shown.user, shown.show, day),
        state.familiar(shown.user, shown.show),
        rng.normal(size=len(shown)),
    )
    response = respond(rng, shown, terms, intercepts)
    state.add_impressions(shown.user, shown.show, day)
    rng = generator(seed, Purpose.REACTIONS, day)
    reactions = react(world, state, rng, shown, day, response.outcomes)
    actions, state.held = of_day(concat([state.held, organic, reactions]), day)
    return Day(day, actions, shown, response)
