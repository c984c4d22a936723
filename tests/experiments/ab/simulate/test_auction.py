"""Second price, budgets, and pacing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiments.ab.policies.choosing import greedy
from experiments.ab.simulate.auction import AuctionResults, hold_auctions

_PLENTY = np.full(3, 10**9)


def _auction(campaign: list[list[int]], values: list[list[float]], budget: np.ndarray = _PLENTY) -> AuctionResults:
    fits = np.ones(np.shape(campaign), bool)
    return hold_auctions(np.array(campaign), fits, np.array(values), budget, greedy, np.random.default_rng(0))


def test_the_winner_pays_the_second_value() -> None:
    results = _auction([[0, 1, 2]], [[500.0, 900.0, 700.0]])
    assert results.candidate.tolist() == [1]
    assert results.price_micros.tolist() == [700]
    assert results.filled.tolist() == [True]


def test_a_campaign_does_not_bid_against_itself() -> None:
    results = _auction([[1, 1, 2]], [[900.0, 800.0, 300.0]])
    assert results.price_micros.tolist() == [300]


def test_a_campaign_alone_pays_the_least() -> None:
    assert _auction([[1, 1]], [[900.0, 800.0]]).price_micros.tolist() == [1]


def test_who_does_not_fit_does_not_win() -> None:
    fits = np.array([[True, False]])
    values = np.array([[500.0, 900.0]])
    results = hold_auctions(np.array([[0, 1]]), fits, values, _PLENTY, greedy, np.random.default_rng(0))
    assert (results.candidate.tolist(), results.filled.tolist()) == ([0], [True])


def test_no_budget_no_ad() -> None:
    assert _auction([[0, 0]], [[500.0, 500.0]], np.zeros(1, np.int64)).filled.tolist() == [False]


@given(seed=st.integers(0, 1_000), budget=st.integers(0, 20_000))
def test_nobody_spends_more_than_the_budget_or_its_value(seed: int, budget: int) -> None:
    rng = np.random.default_rng(seed)
    campaign = rng.integers(0, 5, (300, 4))
    values = rng.exponential(1_000.0, campaign.shape)
    results = hold_auctions(campaign, rng.random(campaign.shape) < 0.8, values, np.full(5, budget), greedy, rng)
    at = np.arange(300)
    paid = np.where(results.filled, results.price_micros, 0)
    spent = np.bincount(campaign[at, results.candidate], paid, minlength=5)
    assert (spent <= budget).all()
    assert (paid <= np.maximum(values[at, results.candidate], 1.0)).all()


def test_pacing_leaves_budget_for_the_evening() -> None:
    """One campaign could spend all in a tenth of the day. Paced, it still wins in the second half."""
    n = 4_800
    campaign, values = np.tile([0, 1], (n, 1)), np.tile([1_000.0, 100.0], (n, 1))
    budget = np.array([n // 10 * 100, 10**9])
    fits = np.ones((n, 2), bool)
    results = hold_auctions(campaign, fits, values, budget, greedy, np.random.default_rng(0))
    won = (results.candidate == 0) & results.filled
    assert won[n // 2 :].sum() > 0.2 * won.sum()
