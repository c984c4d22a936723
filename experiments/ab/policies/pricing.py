"""The value of an impression to a campaign, and the price that the winner of an auction pays."""

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints


def values_of(rates: Floats, bid_micros: Floats) -> NDArray[np.float64]:
    """Predicted stream rate x bid for a stream, in micros for an impression; the shape of both."""
    return np.asarray(rates * bid_micros, np.float64)


def second_prices(values: Floats, may_bid: Bools, campaign: Ints) -> NDArray[np.int64]:
    """The second price: the highest value of another campaign, at least 1 and at most the candidate's own; in micros.

    Args:
        values: [n, k], in micros for an impression.
        may_bid: [n, k], whether each candidate takes part.
        campaign: [n, k], the campaign of each.

    Returns:
        The price of each candidate if it won, [n, k].
    """
    prices = np.empty(values.shape, np.int64)
    for place in range(values.shape[1]):
        rivals = may_bid & (campaign != campaign[:, place, None])
        others = np.where(rivals, values, 0.0).max(axis=1)
        prices[:, place] = np.maximum(np.minimum(values[:, place], others), 1.0).astype(np.int64)
    return prices
