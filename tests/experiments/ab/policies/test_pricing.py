"""The second price, for each candidate that might win."""

import numpy as np

from experiments.ab.policies.pricing import second_prices


def test_second_prices_by_hand() -> None:
    values, may_bid = np.array([[500.0, 900.0, 700.0, 800.0]]), np.array([[True, True, True, False]])
    prices = second_prices(values, may_bid, np.array([[0, 1, 2, 3]]))
    assert prices.tolist() == [[500, 700, 700, 800]], "nobody pays more than its own value"


def test_a_campaign_does_not_bid_against_itself_and_alone_it_pays_the_least() -> None:
    values, may_bid = np.array([[500.0, 900.0]]), np.ones((1, 2), bool)
    assert second_prices(values, may_bid, np.array([[3, 3]])).tolist() == [[1, 1]]
