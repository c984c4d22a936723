"""Policies choose the ad or the promotion that fills each opportunity. Each of them can be replaced."""

from dataclasses import dataclass
from typing import Protocol

from numpy.random import Generator

from simulation.advertising import Sold, sell
from simulation.arrays import Ints
from simulation.opportunities import Opportunities
from simulation.promoting import promote
from simulation.state import WorldState
from simulation.world import World


class AdPolicy(Protocol):
    """Sells a day's ad opportunities, like `simulation.advertising.sell`."""

    def __call__(self, world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> Sold:
        """The winner of each opportunity; adds the spend to `state`."""


class PromotionPolicy(Protocol):
    """Places a day's promotions, like `simulation.promoting.promote`."""

    def __call__(self, world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> Ints:
        """A promotion campaign for each opportunity, NONE for an empty one; [n] -> [n]."""


@dataclass(frozen=True)
class Policies:
    """The policy of each channel; the existing ones by default."""

    ads: AdPolicy = sell
    promotions: PromotionPolicy = promote


EXISTING = Policies()
"""The policies that write the logs of a world."""
