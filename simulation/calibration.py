"""Intercepts: set once so that the outcomes have the base rates of simulation.effects."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import Floats
from simulation.effects import RATES
from simulation.impressions import Impressions, show_impressions
from simulation.randomness import Purpose, generator
from simulation.response import logits_of, probabilities_of, terms_of
from simulation.state import first_state
from simulation.world import World

_STEPS = 40


def calibrate(world: World) -> NDArray[np.float64]:
    """The intercepts [2 sources, 4 outcomes] at which a rehearsal of the first day has the mean probabilities RATES.

    The rehearsal has ample ad budgets, and nothing of it is kept.
    """
    state = first_state(world)
    budgets = world.ads.budget_micros * 1_000
    rehearsal = replace(world, ads=replace(world.ads, daily_micros=budgets, budget_micros=budgets))
    shown = show_impressions(rehearsal, state, world.config.first_day)
    attention = generator(world.seed, Purpose.CALIBRATION).normal(size=len(shown))
    never = np.zeros(len(shown), np.int64)
    terms = terms_of(world, shown, never, state.familiar(shown.user, shown.show), attention)
    return np.array([_solve(shown, terms, is_ad) for is_ad in (False, True)])


def _solve(shown: Impressions, terms: Floats, is_ad: bool) -> NDArray[np.float64]:
    """Bisection, all outcomes at once: stream's intercept first, since like and follow depend on it."""
    rows = shown.is_ad == is_ad
    part, target = shown.take(rows), np.array(RATES[int(is_ad)])
    low, high = np.full(4, -20.0), np.full(4, 5.0)
    if not rows.any():
        return np.log(target)
    for _ in range(2 * _STEPS):  # mean probabilities rise with their intercepts, and stream's settles by itself
        middle = (low + high) / 2
        logits = logits_of(part, terms[rows], np.stack([middle, middle]))
        above = probabilities_of(logits).mean(axis=0) > target
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return (low + high) / 2
