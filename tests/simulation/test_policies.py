"""Policies can be replaced, and what they decide is what is shown."""

import numpy as np
from numpy.random import Generator

from simulation.advertising import Sold, sell
from simulation.config import SimulationConfig
from simulation.events import NONE
from simulation.impressions import show_impressions
from simulation.opportunities import Opportunities
from simulation.policies import Policies
from simulation.state import WorldState, first_state
from simulation.world import World, draw_world


def test_an_ad_policy_decides_placement_and_episode(small: SimulationConfig) -> None:
    """Every second opportunity is left empty; `sale` still counts all of them."""

    def every_second(world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> Sold:
        sold, odd = sell(world, state, rng, moments, day), np.arange(len(moments)) % 2 == 1
        placement = np.full(len(moments), 7)
        return Sold(sold.campaign, sold.creative, sold.price_micros, odd, placement, np.full(len(moments), NONE))

    world = draw_world(small)
    shown = show_impressions(world, first_state(world), small.first_day, Policies(ads=every_second))
    ads = shown.take(shown.is_ad)
    assert len(ads) > 50
    assert (ads.sale % 2 == 1).all()
    assert len(np.unique(ads.sale)) == len(ads)
    assert set(ads.placement.tolist()) == {7}
    assert set(ads.episode.tolist()) == {NONE}
    assert (shown.sale[~shown.is_ad] == NONE).all()


def test_a_policy_of_one_channel_leaves_the_other_alone(small: SimulationConfig) -> None:
    def nothing(world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> np.ndarray:
        return np.full(len(moments), NONE)

    world = draw_world(small)
    both = show_impressions(world, first_state(world), small.first_day)
    only_ads = show_impressions(world, first_state(world), small.first_day, Policies(promotions=nothing))
    assert only_ads.is_ad.all()
    np.testing.assert_array_equal(only_ads.campaign, both.campaign[both.is_ad])
