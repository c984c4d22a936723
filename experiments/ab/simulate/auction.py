"""The auctions of one arm on one day: second price, within budgets, paced over the day.

An opportunity goes to a candidate by its value, predicted stream rate x bid for a stream. The winner pays the second
highest value, for the impression, and never more than its own. A campaign never spends more than it has today.

Pacing is throttling (Xu, Lee, Li, Qi, Lu 2015, "Smart pacing for effective online ad campaign optimization"). A
campaign takes part in a share of the auctions. After every `_ROUNDS`-th part of the day's opportunities, the share
becomes the one at which the spend of that part, repeated, would use up what is left. It rises at most to the double.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.ab.policies.choosing import Choice, draw
from experiments.ab.policies.pricing import second_prices
from simulation.arrays import Bools, Floats, Ints, running_sum

_ROUNDS = 48
_RISE = 2.0
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class AuctionResults:
    """The outcome of each auction, [n].

    Attributes:
        candidate: position of the winner among the candidates.
        price_micros: its price, in micros.
        may_bid: [n, k], which candidates took part.
        probability: [n, k], with which the arm picks each candidate, given who may bid.
        filled: whether somebody won and could pay.
    """

    candidate: Ints
    price_micros: Ints
    may_bid: Bools
    probability: NDArray[np.float64]
    filled: Bools


def hold_auctions(
    campaign: Ints, fits: Bools, values: Floats, budget: Ints, choice: Choice, rng: Generator
) -> AuctionResults:
    """Sells opportunities by auction, in the order of time.

    Args:
        campaign: [n, k], the candidates.
        fits: [n, k], whether each may run there at all.
        values: [n, k], in micros for an impression.
        budget: [campaigns], the budget that each has left today, in micros.
        choice: picks the winner.
        rng: random generator, for pacing and the choice.
    """
    n = len(campaign)
    left, share = budget.astype(np.int64).copy(), np.ones(len(budget))
    lots = rng.random(campaign.shape)
    candidate, price = np.zeros(n, np.int64), np.zeros(n, np.int64)
    may_bid, probability = np.zeros(campaign.shape, bool), np.zeros(campaign.shape)
    filled = np.zeros(n, bool)
    for rows in np.array_split(np.arange(n), min(_ROUNDS, max(n, 1))):
        if not len(rows):
            continue
        bidders = campaign[rows]
        may_bid[rows] = fits[rows] & (lots[rows] < share[bidders]) & (left[bidders] > 0)
        probability[rows] = choice(values[rows], may_bid[rows])
        candidate[rows] = draw(probability[rows], rng)
        won = rows, candidate[rows]
        winner = campaign[won]
        cost = second_prices(values[rows], may_bid[rows], bidders)[np.arange(len(rows)), candidate[rows]]
        pays = may_bid[won]
        pays &= running_sum(np.where(pays, cost, 0), winner) <= left[winner]
        np.subtract.at(left, winner[pays], cost[pays])
        price[rows], filled[rows] = cost, pays
        spent = np.bincount(winner[pays], cost[pays], minlength=len(budget))
        share = _paced(share, spent, left * len(rows) / max(n - rows[-1] - 1, 1))
    return AuctionResults(candidate, price, may_bid, probability, filled)


def _paced(share: Floats, spent: Ints, planned: Floats) -> NDArray[np.float64]:
    """The next share of auctions, [campaigns], from the spend of a round and the planned spend of the next one."""
    change = np.minimum(planned / np.maximum(spent, 1.0), _RISE)
    paced: NDArray[np.float64] = np.clip(share * np.where(spent > 0, change, _RISE), _LEAST_SHARE, 1.0)
    return paced
