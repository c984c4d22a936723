"""Propensities are the shares with which candidates are picked."""

import numpy as np
import pytest

from experiments.ab.simulate.choosing import Choice, EpsilonGreedy, Softmax, greedy

_VALUES = np.array([1.0, 4.0, 2.0, 3.0])
_MAY_BID = np.array([True, True, True, False])


def test_greedy_takes_the_highest_value_that_may_bid() -> None:
    values, may_bid = np.array([[1.0, 5.0, 3.0]]), np.array([[True, False, True]])
    chosen = greedy(values, may_bid, np.random.default_rng(0))
    assert chosen.candidate.tolist() == [2]
    assert chosen.propensity.tolist() == [1.0]


@pytest.mark.parametrize(
    ("choice", "shares"),
    [
        (EpsilonGreedy(0.3), [0.1, 0.8, 0.1, 0.0]),  # 0.3 / 3 for each, and 0.7 for the best
        (Softmax(1.0), [1 / 7, 4 / 7, 2 / 7, 0.0]),  # in proportion to value
        (Softmax(0.5), [1 / 21, 16 / 21, 4 / 21, 0.0]),  # in proportion to value ** 2
    ],
)
def test_propensities_by_hand(choice: Choice, shares: list[float]) -> None:
    n = 40_000
    chosen = choice(np.tile(_VALUES, (n, 1)), np.tile(_MAY_BID, (n, 1)), np.random.default_rng(1))
    counts = np.bincount(chosen.candidate, minlength=4) / n
    np.testing.assert_allclose(counts, shares, atol=0.01)
    np.testing.assert_allclose(chosen.propensity, np.array(shares)[chosen.candidate])


@pytest.mark.parametrize("choice", [greedy, EpsilonGreedy(0.5), Softmax(1.0)])
def test_nobody_may_bid(choice: Choice) -> None:
    chosen = choice(np.ones((2, 3)), np.zeros((2, 3), bool), np.random.default_rng(0))
    assert np.isfinite(chosen.propensity).all()
    assert ((chosen.candidate >= 0) & (chosen.candidate < 3)).all()
