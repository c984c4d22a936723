"""Ads: campaigns compete in auctions within their daily and total budgets."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from simulation.arrays import Bools, Ints, running_sum
from simulation.opportunities import Opportunities
from simulation.pools import pools
from simulation.randomness import gumbel
from simulation.state import WorldState
from simulation.world import World

_CANDIDATES = 8
_BY_LOG_BID = 0.6
_BY_INTEREST = 0.5
_FAMILIAR = -3.0
_SHOWN = -0.25
_PRICE_OF_BID = (0.55, 1.0)


@dataclass(frozen=True)
class Sold:
    """The winner of each opportunity.

    Attributes:
        campaign, creative: [n], indices.
        price_micros: [n].
        filled: [n], whether the winner's budget pays for it; otherwise no ad is shown.
        placement, episode: [n], if the policy decides them; None to draw them afterwards.
    """

    campaign: Ints
    creative: Ints
    price_micros: Ints
    filled: Bools
    placement: Ints | None = None
    episode: Ints | None = None


def sell(world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> Sold:
    """Auctions a day's ad opportunities and adds the spend to `state`.

    Candidates are drawn by market, in proportion to the impressions that a campaign's budget still buys today. The
    highest score wins: 0.6 log bid + 0.5 [asks for interest] estimated affinity - 3 [in the library: ads seek new
    listeners] - 0.25 times shown lately + Gumbel noise. A campaign stops for the day before its total would exceed what
    it may spend today.
    """
    ads, n = world.ads, len(moments)
    left = np.minimum(ads.daily_micros, ads.budget_micros - state.spent_micros)
    today = np.where((ads.start <= day) & (day <= ads.end), np.maximum(left, 0), 0)
    if not today.any():
        nobody = np.zeros(n, np.int64)
        return Sold(nobody, nobody, nobody, np.zeros(n, bool))
    drawn = pools(ads.markets.T, today / ads.bid_micros)
    candidates = drawn.draw(rng, world.users.market[moments.user], _CANDIDATES)
    show = ads.show[candidates]
    shown = state.times_shown(moments.user, show, day)
    score = (
        _BY_LOG_BID * np.log(ads.bid_micros[candidates] / 10_000.0)
        + _BY_INTEREST * ads.by_interest[candidates] * world.estimated_affinity(moments.user, show)
        + _FAMILIAR * state.familiar(moments.user, show)
        + _SHOWN * np.minimum(shown, 8)
        + gumbel(rng, candidates.shape)
    )
    campaign = candidates[np.arange(n), np.argmax(score, axis=1)]
    creatives = np.diff(ads.first_creative)[campaign]
    creative = ads.first_creative[campaign] + (rng.random(n) * creatives).astype(np.int64)
    price = np.maximum((ads.bid_micros[campaign] * rng.uniform(*_PRICE_OF_BID, n)).astype(np.int64), 1)
    in_time = np.argsort(moments.time_us, kind="stable")
    filled = np.empty(n, bool)
    filled[in_time] = running_sum(price[in_time], campaign[in_time]) <= today[campaign[in_time]]
    runs_here = ads.markets[campaign, world.users.market[moments.user]]  # a market without campaigns draws from all
    filled &= runs_here
    np.add.at(state.spent_micros, campaign[filled], price[filled])
    return Sold(campaign, creative, price, filled)
