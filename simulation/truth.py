"""The truth behind the logs, for A/B simulation: latents, campaigns, and the true probabilities of each impression."""

import numpy as np
import pyarrow as pa

from simulation.arrow import pick, vectors
from simulation.clock import numbers_of_day
from simulation.effects import TERMS
from simulation.impressions import Impressions
from simulation.names import LANGUAGES, OUTCOMES, SOURCES
from simulation.placements import FORMATS
from simulation.response import Response
from simulation.state import WorldState
from simulation.tables import Names, impression_ids
from simulation.world import World


def users_truth(world: World, names: Names) -> pa.Table:
    """Per user: interests and the policy's estimate, activity, openness to promotions and to ads, day of joining."""
    users = world.users
    return pa.table(
        {
            "user_id": names.users,
            "interests": vectors(users.interests),
            "estimated_interests": vectors(users.estimate),
            "activity": pa.array(users.activity),
            "openness_promotion": pa.array(users.openness[:, 0]),
            "openness_ad": pa.array(users.openness[:, 1]),
            "language": pick(pa.array(LANGUAGES), users.language),
            "free": pa.array(users.free),
            "joined_day": pa.array(users.joined, pa.int64()),
        }
    )


def shows_truth(world: World, names: Names) -> pa.Table:
    """Per show: latent and quality (as itself, and in each source), popularity and its rank, day of release."""
    shows, channels = world.shows, world.channels
    return pa.table(
        {
            "show_id": names.shows,
            "latent": vectors(shows.latent),
            "quality": pa.array(shows.quality),
            **{f"latent_{source}": vectors(channels.latent[index]) for index, source in enumerate(SOURCES)},
            **{f"quality_{source}": pa.array(channels.quality[index]) for index, source in enumerate(SOURCES)},
            "popularity": pa.array(shows.popularity),
            "rank": pa.array(shows.rank, pa.int64()),
            "language": pick(pa.array(LANGUAGES), shows.language),
            "released_day": pa.array(shows.released, pa.int64()),
        }
    )


def campaigns_truth(world: World, names: Names, state: WorldState) -> pa.Table:
    """Per campaign of either source: show, days, and for ads bid, budgets, targeting, and spend."""
    ads, promotions = world.ads, world.promotions
    n_promotions = len(promotions.show)

    def of_ads(values: np.ndarray) -> pa.Array:
        return pa.concat_arrays([pa.nulls(n_promotions, pa.int64()), pa.array(values, pa.int64())])

    return pa.table(
        {
            "campaign_id": pa.concat_arrays([names.promotions, names.ads]),
            "show_id": pick(names.shows, np.concatenate([promotions.show, ads.show])),
            "source": pa.array(["promotion"] * n_promotions + ["ad"] * len(ads.show)),
            "first_day": pa.array(np.concatenate([promotions.start, ads.start]), pa.int64()),
            "last_day": pa.array(np.concatenate([promotions.end, ads.end]), pa.int64()),
            "bid_micros": of_ads(ads.bid_micros),
            "daily_micros": of_ads(ads.daily_micros),
            "budget_micros": of_ads(ads.budget_micros),
            "spent_micros": of_ads(state.spent_micros),
            "markets": pa.array(
                [None] * n_promotions + [np.flatnonzero(row) for row in ads.markets], pa.list_(pa.int64())
            ),
            "by_interest": pa.array([None] * n_promotions + ads.by_interest.tolist(), pa.bool_()),
        }
    )


def creatives_truth(world: World, names: Names) -> pa.Table:
    """Per creative: campaign, format, quality."""
    ads = world.ads
    campaign = np.repeat(np.arange(len(ads.show)), np.diff(ads.first_creative))
    return pa.table(
        {
            "creative_id": names.creatives,
            "campaign_id": pick(names.ads, campaign),
            "creative_format": pick(pa.array(FORMATS), ads.creative_format),
            "quality": pa.array(ads.creative_quality),
        }
    )


def libraries_truth(state: WorldState, names: Names) -> pa.Table:
    """Per user: the shows of the library at the end of the logs, favourites first."""
    shows = pick(names.shows, state.library.ravel().astype(np.int64))
    offsets = np.arange(0, state.library.size + 1, state.library.shape[1], dtype=np.int32)
    return pa.table({"user_id": names.users, "show_ids": pa.ListArray.from_arrays(pa.array(offsets), shows)})


def impressions_truth(shown: Impressions, response: Response, day: int) -> pa.Table:
    """Per impression: the terms of its logits, true probabilities, and outcomes, also those after the window."""
    columns: dict[str, pa.Array] = {"impression_id": impression_ids(numbers_of_day(day, len(shown)))}
    columns |= {term: pa.array(response.terms[:, index]) for index, term in enumerate(TERMS)}
    columns |= {f"p_{outcome}": pa.array(response.probabilities[:, index]) for index, outcome in enumerate(OUTCOMES)}
    columns |= {f"does_{outcome}": pa.array(response.outcomes[:, index]) for index, outcome in enumerate(OUTCOMES)}
    return pa.table(columns)
