"""What an ad is worth to its campaign, and what the winner of an auction pays."""

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints


def values_of(rates: Floats, bid_micros: Floats) -> NDArray[np.float64]:
    """Predicted stream rate x bid for a stream, in micros for an impression; the shape of both."""
    return np.asarray(rates * bid_micros, np.float64)


def second_prices(values: Floats, may_bid: Bools, campaign: Ints) -> NDArray[np.int64]:
    """What each candidate would pay if it won, in micros; [n, k] each.

    That is the highest value of another campaign, but at least 1 and at most the candidate's own value.
    """
    prices = np.empty(values.shape, np.int64)
    for place in range(values.shape[1]):
        rivals = may_bid & (campaign != campaign[:, place, None])
        others = np.where(rivals, values, 0.0).max(axis=1)
        prices[:, place] = np.maximum(np.minimum(values[:, place], others), 1.0).astype(np.int64)
    return prices
