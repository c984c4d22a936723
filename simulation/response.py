"""The response of users: a logistic model of each outcome, with the same terms for both sources (docs/world.md)."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints, rank_in_group, sigmoid
from simulation.clock import local_hours
from simulation.effects import AFTER_STREAM, DEVICE_EFFECTS, TERMS
from simulation.impressions import Impressions
from simulation.names import DEVICES, OUTCOMES
from simulation.placements import PLACEMENTS
from simulation.world import World

STREAM, CLICK, LIKE, FOLLOW = (OUTCOMES.index(name) for name in ("stream", "click", "like", "follow"))
"""Columns of the outcomes."""


@dataclass(frozen=True)
class Response:
    """The truth about a day's impressions, and their outcomes.

    Attributes:
        terms: float32 [n, terms], the values of TERMS, in their order.
        probabilities: float64 [n, 4], of each outcome; for like and follow averaged over both results of stream.
        outcomes: bool [n, 4], whether the user streams, clicks, likes, and follows, now or later.
    """

    terms: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    outcomes: Bools


def terms_of(
    world: World, shown: Impressions, times_shown: Ints, familiar: Bools, attention: Floats
) -> NDArray[np.float32]:
    """The values of TERMS; [n, terms].

    Args:
        world: the world.
        shown: a day's impressions, in the order of time.
        times_shown: [n], impressions of the show for its user in the days before.
        familiar: [n], whether the show is in the user's library.
        attention: [n], standard normal: everything else that changes the response.
    """
    earlier_today = rank_in_group(shown.user * len(world.shows.rank) + shown.show)
    users, shows, source = world.users, world.shows, shown.is_ad.astype(np.int64)
    quality = np.where(shown.is_ad, world.ads.creative_quality[np.where(shown.is_ad, shown.creative, 0)], 0.0)
    values = {
        "affinity": world.affinity_in_channel(shown.user, shown.show, shown.is_ad),
        "quality": world.channels.quality[source, shown.show],
        "other_language": users.language[shown.user] != shows.language[shown.show],
        "openness": users.openness[shown.user, source],
        "familiar": familiar,
        "fatigue": np.log1p(times_shown + earlier_today),
        "position": np.log(shown.position),
        "evening": np.cos((local_hours(shown.time_us, users.market[shown.user]) - 20.0) * (2 * np.pi / 24.0)),
        "creative_quality": quality,
        "attention": attention,
    }
    return np.stack([values[name].astype(np.float32) for name in TERMS], axis=1)


def logits_of(shown: Impressions, terms: Floats, intercepts: Floats) -> NDArray[np.float64]:
    """The logits of the four outcomes, without the effect of a stream; [n], [n, terms], [2, 4] -> [n, 4]."""
    coefficients = np.array(list(TERMS.values())).transpose(1, 0, 2)
    placements = np.array([placement.effects for placement in PLACEMENTS])
    devices = np.array([DEVICE_EFFECTS[name] for name in DEVICES])
    source = shown.is_ad.astype(np.int64)
    by_terms = np.where(
        shown.is_ad[:, None],
        np.einsum("nt,to->no", terms.astype(np.float64), coefficients[1]),
        np.einsum("nt,to->no", terms.astype(np.float64), coefficients[0]),
    )
    return intercepts[source] + by_terms + placements[shown.placement] + devices[shown.device]


def probabilities_of(logits: Floats) -> NDArray[np.float64]:
    """Probabilities of the outcomes; like and follow are averaged over both results of stream; [n, 4] -> [n, 4]."""
    plain = sigmoid(logits)
    stream = plain[:, [STREAM]]
    after = stream * sigmoid(logits + AFTER_STREAM) + (1.0 - stream) * plain
    return np.where(np.isin(np.arange(len(OUTCOMES)), (LIKE, FOLLOW)), after, plain)


def respond(rng: Generator, shown: Impressions, terms: Floats, intercepts: Floats) -> Response:
    """Draws the outcomes: stream and click, then like and follow given the stream."""
    logits = logits_of(shown, terms, intercepts)
    uniform = rng.random(logits.shape)
    outcomes = uniform < sigmoid(logits)
    after = uniform < sigmoid(logits + AFTER_STREAM * outcomes[:, [STREAM]])
    outcomes[:, [LIKE, FOLLOW]] = after[:, [LIKE, FOLLOW]]
    return Response(terms.astype(np.float32), probabilities_of(logits), outcomes)
