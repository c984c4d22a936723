"""Sets the intercepts once, so that the outcomes have the base rates of `simulation/effects.py`."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import Floats
from simulation.effects import RATES
from simulation.impressions import Impressions, show_impressions
from simulation.names import OUTCOMES
from simulation.randomness import Purpose, generator
from simulation.response import CLICK, FOLLOW, LIKE, STREAM, logits_of, probabilities_of, terms_of
from simulation.state import first_state
from simulation.world import World

_STEPS = 40


def calibrate(world: World) -> NDArray[np.float64]:
    """The intercepts [2 sources, 4 outcomes] that give the rehearsal the mean probabilities RATES."""
    shown, terms = rehearse(world)
    return np.array([_solve(shown, terms, is_ad) for is_ad in (False, True)])


def rehearse(world: World) -> tuple[Impressions, NDArray[np.float32]]:
    """Rehearses the first day with impressions, with ample ad budgets; it leaves no trace in the world.

    Returns:
        Its impressions, and the values of TERMS for them, [n, terms].
    """
    state = first_state(world)
    budgets = world.ads.budget_micros * 1_000
    rehearsal = replace(world, ads=replace(world.ads, daily_micros=budgets, budget_micros=budgets))
    shown = show_impressions(rehearsal, state, world.config.first_day)
    attention = generator(world.config.seed, Purpose.CALIBRATION).normal(size=len(shown))
    never = np.zeros(len(shown), np.int64)
    return shown, terms_of(world, shown, never, state.familiar(shown.user, shown.show), attention)


def _solve(shown: Impressions, terms: Floats, is_ad: bool) -> NDArray[np.float64]:
    """One source's intercepts [4], by bisection: mean probabilities rise with their intercepts."""
    rows = shown.is_ad == is_ad
    target = np.array(RATES[int(is_ad)])
    if not rows.any():
        return np.log(target)
    logits = logits_of(shown.take(rows), terms[rows], np.zeros((2, len(OUTCOMES))))
    intercepts = np.zeros(len(OUTCOMES))
    for outcomes in ([STREAM, CLICK], [LIKE, FOLLOW]):  # like and follow depend on the intercept of stream
        low, high = np.full(2, -20.0), np.full(2, 5.0)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            intercepts[outcomes] = middle
            above = (probabilities_of(logits + intercepts).mean(axis=0) > target)[outcomes]
            low, high = np.where(above, low, middle), np.where(above, middle, high)
    return intercepts
