"""The ad policy of the test: users halved, budgets halved, an auction for each arm (Liu, Mao, Kang 2020).

"Trustworthy and powerful online marketplace experimentation with budget-split design": users are split at random, and
each campaign's budget as well, so that each arm is a closed market. No arm can spend what another one needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.ab.policies.policy import Policy
from experiments.ab.policies.pricing import values_of
from experiments.ab.simulate.auction import AuctionResults, hold_auctions
from experiments.ab.simulate.features import as_candidates
from experiments.ab.simulate.requests import requests_of
from experiments.ab.simulate.scorer import Predictions
from simulation.advertising import Sold
from simulation.arrays import Bools, Floats, Ints
from simulation.effects import RATES
from simulation.events import NONE
from simulation.impressions import NAMES_EPISODE, NEWEST, Impressions, draw_placements
from simulation.opportunities import Opportunities
from simulation.pools import pools
from simulation.randomness import Purpose, generator
from simulation.state import WorldState
from simulation.world import World
from transforms.domain import STREAM

CANDIDATES = 8
"""Candidates of each auction."""

USUAL_RATE = RATES[1][0]
"""The usual stream rate of ads. At this rate, a bid for a stream and a bid for an impression cost the same."""

Predict = Callable[[Impressions, int], Mapping[str, Predictions]]
"""Gives the predictions for candidates [n * k] of a day: by model and label, [n * k]."""


@dataclass(frozen=True)
class Auctioned:
    """The candidates of a day's opportunities; every array [n, k], `chosen` [n].

    Attributes:
        campaign, creative, placement, episode: of each candidate.
        chosen: position of the one that the policy picked.
        may_bid: whether it took part.
        probability: with which the arm's policy picks it.
        bid: for a stream, in micros.
        predictions: by model and label.
        times_shown, familiar: how often the user was shown the show until the evening before, and whether the user
            knows it.
    """

    campaign: Ints
    creative: Ints
    placement: Ints
    episode: Ints
    chosen: Ints
    may_bid: Bools
    probability: Floats
    bid: Floats
    predictions: Mapping[str, Predictions]
    times_shown: Ints
    familiar: Bools


@dataclass
class SplitMarket:
    """One market an arm; an `AdPolicy`.

    Attributes:
        policies: of the arms.
        arm: [users], the arm of each user.
        predict: gives the predictions of each model.
        auctioned: the candidates of the last day; None if no campaign ran.
    """

    policies: tuple[Policy, ...]
    arm: Ints
    predict: Predict
    auctioned: Auctioned | None = None

    def __call__(self, world: World, state: WorldState, rng: Generator, moments: Opportunities, day: int) -> Sold:
        """Sells a day's opportunities, in each arm by its own policy, and within its part of the daily budgets.

        Candidates are drawn by market in proportion to the impressions that a campaign's daily budget buys, whatever
        the arms have spent. So every arm has candidates of the same kind.
        """
        ads, n = world.ads, len(moments)
        runs = (ads.start <= day) & (day <= ads.end)
        nobody = np.zeros(n, np.int64)
        self.auctioned = None
        if not n or not runs.any():
            return Sold(nobody, nobody, nobody, np.zeros(n, bool))
        drawn = pools(ads.markets.T, np.where(runs, ads.daily_micros, 0) / ads.bid_micros)
        campaign = drawn.draw(rng, world.users.market[moments.user], CANDIDATES)
        creatives = np.diff(ads.first_creative)[campaign]
        creative = ads.first_creative[campaign] + (rng.random(campaign.shape) * creatives).astype(np.int64)
        placement = draw_placements(rng, ads.creative_format[creative.ravel()]).reshape(campaign.shape)
        episode = _episodes(world, rng, ads.show[campaign], day)
        candidates = as_candidates(
            world, day, requests_of(world, day), moments.user, moments.device, campaign, creative, placement, episode
        )
        arms = self.arm[moments.user]
        today = ads.daily_micros // len(self.policies)
        predictions = {
            model: {label: rates.reshape(campaign.shape) for label, rates in predicted.items()}
            for model, predicted in self.predict(candidates, day).items()
        }
        bid = stream_bids(ads.bid_micros[campaign])
        fits = ads.markets[campaign, world.users.market[moments.user][:, None]] & runs[campaign]
        at, price, filled = np.zeros(n, np.int64), np.ones(n, np.int64), np.zeros(n, bool)
        may_bid, probability = np.zeros(campaign.shape, bool), np.zeros(campaign.shape)
        in_time = np.argsort(moments.time_us, kind="stable")
        for number, policy in enumerate(self.policies):
            rows = in_time[arms[in_time] == number]
            values = values_of(predictions[policy.model][STREAM][rows], bid[rows])
            lots = generator(world.config.seed, Purpose.AUCTIONS, day * len(self.policies) + number)
            results = hold_auctions(campaign[rows], fits[rows], values, today, policy.choice, lots)
            at[rows], price[rows], filled[rows] = results.candidate, results.price_micros, results.filled
            may_bid[rows], probability[rows] = results.may_bid, results.probability
            _pay(campaign[rows, results.candidate], results, state)
        shows = ads.show[campaign]
        self.auctioned = Auctioned(
            campaign, creative, placement, episode, at, may_bid, probability, bid, predictions,
            state.times_shown(moments.user, shows, day), state.familiar(moments.user, shows),
        )  # fmt: skip
        chosen = np.arange(n), at
        return Sold(campaign[chosen], creative[chosen], price, filled, placement[chosen], episode[chosen])


def stream_bids(bid_micros: Ints) -> NDArray[np.float64]:
    """Bids for a stream: bids for an impression, divided by the usual stream rate of ads."""
    return np.asarray(bid_micros / USUAL_RATE, np.float64)


def _pay(winner: Ints, results: AuctionResults, state: WorldState) -> None:
    paying = results.filled
    np.add.at(state.spent_micros, winner[paying], results.price_micros[paying])


def _episodes(world: World, rng: Generator, show: Ints, day: int) -> Ints:
    episodes = world.episodes
    newest = episodes.recent(rng, show.ravel(), episodes.latest(day), NEWEST)
    return np.where(rng.random(show.size) < NAMES_EPISODE, newest, NONE).reshape(show.shape)
