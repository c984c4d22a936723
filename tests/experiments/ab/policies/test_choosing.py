"""Propensities are the shares with which candidates are picked."""

import numpy as np
import pytest

from experiments.ab.policies.choosing import Choice, EpsilonGreedy, Softmax, draw, greedy

_VALUES = np.array([1.0, 4.0, 2.0, 3.0])
_MAY_BID = np.array([True, True, True, False])


def test_greedy_takes_the_highest_value_that_may_bid() -> None:
    values, may_bid = np.array([[1.0, 5.0, 3.0]]), np.array([[True, False, True]])
    assert greedy(values, may_bid).tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize(
    ("choice", "shares"),
    [
        (EpsilonGreedy(0.3), [0.1, 0.8, 0.1, 0.0]),  # 0.3 / 3 for each, and 0.7 for the best
        (Softmax(1.0), [1 / 7, 4 / 7, 2 / 7, 0.0]),  # in proportion to value
        (Softmax(0.5), [1 / 21, 16 / 21, 4 / 21, 0.0]),  # in proportion to value ** 2
    ],
)
def test_probabilities_by_hand(choice: Choice, shares: list[float]) -> None:
    np.testing.assert_allclose(choice(_VALUES[None], _MAY_BID[None]), [shares])


def test_candidates_are_drawn_by_their_probabilities() -> None:
    n, shares = 40_000, np.array([0.1, 0.6, 0.0, 0.3])
    drawn = draw(np.tile(shares, (n, 1)), np.random.default_rng(1))
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / n, shares, atol=0.01)
    assert draw(np.array([[0.0, 1.0]] * 1_000), np.random.default_rng(2)).min() == 1


@pytest.mark.parametrize("choice", [greedy, EpsilonGreedy(0.5), Softmax(1.0)])
def test_nobody_may_bid(choice: Choice) -> None:
    probabilities = choice(np.ones((2, 3)), np.zeros((2, 3), bool))
    assert (probabilities == 0).all()
    drawn = draw(probabilities, np.random.default_rng(0))
    assert ((drawn >= 0) & (drawn < 3)).all()
