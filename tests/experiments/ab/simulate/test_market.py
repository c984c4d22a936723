"""Split users and budgets: two closed markets."""

import numpy as np
import pytest

from experiments.ab.policies.policy import policies_of
from experiments.ab.policies.pricing import values_of
from experiments.ab.simulate.market import USUAL_RATE, SplitMarket, stream_bids
from simulation.config import SimulationConfig
from simulation.impressions import Impressions, show_impressions
from simulation.policies import Policies
from simulation.state import first_state
from simulation.world import World, draw_world

_SMALL = SimulationConfig(preset="tiny", seed=0, users=80, shows=60, days=3, warmup_days=4, impressions=2_400)


def _market(rate: float) -> SplitMarket:
    """The second arm's model predicts `rate`, the first one's the usual rate."""

    def predict(candidates: Impressions, _day: int) -> dict[str, dict[str, np.ndarray]]:
        rates = {"control": USUAL_RATE, "treatment": rate}
        return {model: {"stream": np.full(len(candidates), value)} for model, value in rates.items()}

    arm = np.arange(_SMALL.users) % 2
    return SplitMarket(policies_of(["control", "treatment"]), arm, predict)


def _ads(rate: float) -> tuple[World, SplitMarket, Impressions]:
    world = draw_world(_SMALL)
    market = _market(rate)
    shown = show_impressions(world, first_state(world), _SMALL.first_day, Policies(ads=market))
    return world, market, shown.take(shown.is_ad)


def test_a_bid_for_a_stream_is_a_bid_for_an_impression_at_the_usual_rate() -> None:
    rates = np.array([USUAL_RATE, 2 * USUAL_RATE])
    assert values_of(rates, stream_bids(np.array([9_000, 9_000]))).tolist() == pytest.approx([9_000, 18_000])


def test_no_arm_spends_more_than_its_share_of_a_budget() -> None:
    world, market, ads = _ads(rate=100 * USUAL_RATE)
    for number in (0, 1):
        own = ads.take(market.arm[ads.user] == number)
        spent = np.bincount(own.campaign, own.spend_micros, minlength=len(world.ads.daily_micros))
        assert (spent <= world.ads.daily_micros // 2).all()
        assert spent.sum() > 0


def test_one_arm_never_changes_the_other() -> None:
    """A model that predicts too much spends its own arm's budgets. The other market does not notice."""
    (_, market, plain), (_, _, dear) = _ads(rate=USUAL_RATE), _ads(rate=50 * USUAL_RATE)
    own, other = (ads.take(market.arm[ads.user] == 0) for ads in (plain, dear))
    np.testing.assert_array_equal(own.campaign, other.campaign)
    np.testing.assert_array_equal(own.spend_micros, other.spend_micros)
    treated = [ads.take(market.arm[ads.user] == 1).spend_micros.mean() for ads in (plain, dear)]
    assert treated[1] > 2 * treated[0]
