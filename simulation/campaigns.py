"""Campaigns: editorial promotions, and ads with budgets, bids, targeting and creatives."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Bools, Ints
from simulation.clock import WEEKDAYS
from simulation.config import SimulationConfig
from simulation.names import LANGUAGES, MARKETS
from simulation.placements import FORMATS
from simulation.randomness import choice, systematic
from simulation.shows import Shows

_PROMOTED = (0.75, 0.35)
_ADVERTISED = (0.35, 0.55)
_MEAN_CPM = 9.0
_CPM_SIGMA = 0.35
_OVERPROVISION = 1.5
_FORMAT_SHARES = {"audio": 0.5, "video": 0.2, "display": 0.3}
_FORMAT_CPM = {"audio": 1.1, "video": 1.6, "display": 0.6}
_MOST_CREATIVES = 4


@dataclass(frozen=True)
class Promotions:
    """Promotion campaigns: show [n], first and last day [n]."""

    show: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Ads:
    """Ad campaigns and their creatives.

    Attributes:
        show, start, end: [campaigns]; days, both included.
        bid_micros: [campaigns], the most it pays for an impression.
        daily_micros, budget_micros: [campaigns], the most it spends in a day and in total.
        markets: [campaigns, markets], whether it runs there.
        by_interest: [campaigns], whether it prefers listeners interested in such shows.
        first_creative: [campaigns + 1], where each campaign's creatives begin.
        creative_format: [creatives], index into FORMATS.
        creative_quality: [creatives], standard normal.
    """

    show: Ints
    start: Ints
    end: Ints
    bid_micros: Ints
    daily_micros: Ints
    budget_micros: Ints
    markets: Bools
    by_interest: Bools
    first_creative: Ints
    creative_format: Ints
    creative_quality: NDArray[np.float32]


def draw_promotions(rng: Generator, config: SimulationConfig, shows: Shows) -> Promotions:
    """Draws the promotion campaigns. Popular shows get one more often: probability 0.75, falling to 0.35 by rank."""
    show = _by_rank(rng, shows, *_PROMOTED)
    start, end = _runs(rng, config, shows.released[show], (7, 28))
    return Promotions(show, start, end)


def draw_ads(rng: Generator, config: SimulationConfig, shows: Shows) -> Ads:
    """Draws the ad campaigns. Small shows buy more often: probability 0.35, rising to 0.55 by rank.

    Daily budgets are heavy-tailed. Together they buy `_OVERPROVISION` times the impressions for sale.
    """
    show = _by_rank(rng, shows, *_ADVERTISED)
    n = len(show)
    start, end = _runs(rng, config, shows.released[show], (10, 42))
    creatives = rng.integers(1, _MOST_CREATIVES + 1, n)
    first = np.concatenate([[0], np.cumsum(creatives)])
    formats = choice(rng, np.array([_FORMAT_SHARES[name] for name in FORMATS]), n)  # the main format of a campaign
    cpm = np.array([_FORMAT_CPM[name] for name in FORMATS])[formats]
    bid = _MEAN_CPM * cpm * np.exp(_CPM_SIGMA * rng.normal(size=n)) * 1_000.0  # dollars per 1,000 = 1,000 micros each
    weight = np.exp(0.9 * rng.normal(size=n)) * shows.popularity[show] ** 0.2
    active = np.clip(np.minimum(end + 1, config.end_day) - np.maximum(start, config.first_day), 0, None)
    impressions = config.impressions * config.ads_per_promotion / (1.0 + config.ads_per_promotion) / config.days
    share = weight * config.days / np.maximum((weight * active).sum(), 1e-9)
    daily = np.maximum(share * impressions * _OVERPROVISION * WEEKDAYS.max() * bid, bid)
    odd = rng.random(int(first[-1])) < 0.35  # creatives of another format
    creative_format = np.where(odd, choice(rng, np.ones(len(FORMATS)), len(odd)), np.repeat(formats, creatives))
    return Ads(
        show=show,
        start=start,
        end=end,
        bid_micros=bid.astype(np.int64),
        daily_micros=daily.astype(np.int64),
        budget_micros=(daily * np.maximum(active, 1) * rng.uniform(0.6, 1.0, n)).astype(np.int64),
        markets=_markets(rng, shows.language[show]),
        by_interest=rng.random(n) < 0.5,
        first_creative=first,
        creative_format=creative_format,
        creative_quality=rng.normal(size=len(odd)).astype(np.float32),
    )


def _by_rank(rng: Generator, shows: Shows, first: float, last: float) -> Ints:
    """Shows with a campaign. The probability goes from `first` to `last` by rank, evenly spread over the ranks."""
    n = len(shows.rank)
    by_rank = np.argsort(shows.rank)
    return np.sort(by_rank[systematic(rng, np.linspace(first, last, n))])


def _runs(rng: Generator, config: SimulationConfig, released: Ints, length: tuple[int, int]) -> tuple[Ints, Ints]:
    """First and last days. A campaign may begin before the first impressions, but not before its show's release."""
    days = rng.integers(length[0], length[1] + 1, len(released))
    start = rng.integers(config.first_day - length[1] // 2, config.end_day, len(released))
    return np.maximum(start, released), np.maximum(start, released) + days - 1


def _markets(rng: Generator, languages: Ints) -> Bools:
    """Broad targeting: with probability 0.85 each market where at least a tenth speaks the show's language."""
    spoken = np.array([[m.languages.get(name, 0.0) >= 0.1 for m in MARKETS] for name in LANGUAGES])[languages]
    drawn = spoken & (rng.random(spoken.shape) < 0.85)
    return np.where(drawn.any(axis=1, keepdims=True), drawn, spoken)
