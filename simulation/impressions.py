"""The impressions of one day: user, show, placement, and price."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from simulation.arrays import Bools, Ints, Rows, rank_in_group
from simulation.events import NONE
from simulation.opportunities import draw_opportunities
from simulation.placements import FORMATS, PLACEMENTS
from simulation.policies import EXISTING, Policies
from simulation.randomness import Purpose, choice, generator
from simulation.state import WorldState
from simulation.world import World

NAMES_EPISODE = 0.6
"""Share of impressions that name an episode."""

NEWEST = 0.8
"""Share of these impressions that name the newest episode."""


@dataclass(frozen=True)
class Impressions(Rows):
    """A day's impressions in the order of time; every column [n], NONE for null.

    Attributes:
        time_us: microseconds since the start of day 0.
        is_ad: whether the source is `ad`, else `promotion`.
        user, show, episode, device: indices and codes.
        placement: index into PLACEMENTS.
        position: 1, 2, ... within the user's session.
        campaign: index into promotions' or ads' campaigns.
        creative, spend_micros: ads only.
        sale: position among the ad opportunities of the day; ads only.
    """

    time_us: Ints
    is_ad: Bools
    user: Ints
    show: Ints
    episode: Ints
    device: Ints
    placement: Ints
    position: Ints
    campaign: Ints
    creative: Ints
    spend_micros: Ints
    sale: Ints


def show_impressions(world: World, state: WorldState, day: int, policies: Policies = EXISTING) -> Impressions:
    """Places a day's promotions and ads by the policies, and adds the spend to `state`."""
    seed = world.config.seed
    moments = draw_opportunities(world, generator(seed, Purpose.OPPORTUNITIES, day), day)
    ad, promotion = np.flatnonzero(moments.is_ad), np.flatnonzero(~moments.is_ad)
    rng = generator(seed, Purpose.ADS, day)
    sold = policies.ads(world, state, rng, moments.take(ad), day)
    n = len(moments)
    campaign, creative, spend, placement, show, sale = (np.full(n, NONE) for _ in range(6))
    campaign[ad] = np.where(sold.filled, sold.campaign, NONE)
    creative[ad], spend[ad] = sold.creative, sold.price_micros
    sale[ad] = np.arange(len(ad))
    show[ad] = world.ads.show[sold.campaign]
    formats = world.ads.creative_format[sold.creative]
    placement[ad] = draw_placements(rng, formats) if sold.placement is None else sold.placement
    rng = generator(seed, Purpose.PROMOTIONS, day)
    campaign[promotion] = policies.promotions(world, state, rng, moments.take(promotion), day)
    show[promotion] = world.promotions.show[campaign[promotion]]
    placement[promotion] = draw_placements(rng, np.full(len(promotion), NONE))
    episodes = world.episodes
    episode = np.where(rng.random(n) < NAMES_EPISODE, episodes.recent(rng, show, episodes.latest(day), NEWEST), NONE)
    if sold.episode is not None:
        episode[ad] = sold.episode
    kept = np.flatnonzero(campaign != NONE)
    kept = kept[np.argsort(moments.time_us[kept], kind="stable")]
    shown = moments.take(kept)
    position = 1 + rank_in_group(shown.session)
    return Impressions(
        shown.time_us, shown.is_ad, shown.user, show[kept], episode[kept], shown.device,
        placement[kept], position, campaign[kept], creative[kept], spend[kept], sale[kept],
    )  # fmt: skip


def draw_placements(rng: Generator, formats: Ints) -> Ints:
    """A placement for each row, drawn by their shares; `formats` indexes FORMATS, NONE for promotions; [n] -> [n]."""
    placements = np.empty(len(formats), np.int64)
    for code in (NONE, *range(len(FORMATS))):
        name = None if code == NONE else FORMATS[code]
        fitting = np.array([index for index, placement in enumerate(PLACEMENTS) if placement.creative_format == name])
        rows = formats == code
        shares = np.array([PLACEMENTS[index].share for index in fitting])
        placements[rows] = fitting[choice(rng, shares, int(rows.sum()))]
    return placements
