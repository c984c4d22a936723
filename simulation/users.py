"""The listeners: interests, activity, and profile."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints
from simulation.config import SimulationConfig
from simulation.names import AGES, DEVICES, FREE_SHARE, LANGUAGES, MARKETS
from simulation.randomness import choice
from simulation.topics import TopicSpace, draw_of, mix, noise, unit

_TOPICS_EACH = 4
_INTEREST_NOISE = 0.3
_ESTIMATE_NOISE = 0.7
_ACTIVITY_SIGMA = 1.0
_JOINING_SHARE = 0.04
_MEAN_AGE_DAYS = 900.0


@dataclass(frozen=True)
class Users:
    """All users, by index.

    Attributes:
        interests: float32 [users, DIMENSIONS], unit length.
        estimate: the existing promotion policy's estimate of `interests`.
        activity: [users], mean 1: relative listening and impressions.
        openness: [users, 2]: readiness to respond to promotions and to ads, standard normal.
        market, language, age, device: codes into simulation.names (device: the main one).
        free: whether the user has the free product.
        joined: day of joining, negative before day 0.
    """

    interests: NDArray[np.float32]
    estimate: NDArray[np.float32]
    activity: Floats
    openness: NDArray[np.float32]
    market: Ints
    language: Ints
    age: Ints
    device: Ints
    free: Bools
    joined: Ints


def draw_users(rng: Generator, config: SimulationConfig, space: TopicSpace) -> Users:
    """Draws the users; docs/world.md gives the distributions."""
    n = config.users
    market = choice(rng, np.array([m.share for m in MARKETS]), n)
    spoken = np.array([[m.languages.get(name, 0.0) for name in LANGUAGES] for m in MARKETS])
    age = choice(rng, np.array(list(AGES.values())), n)
    language = draw_of(rng, spoken, market, 1)[:, 0]
    weights = rng.dirichlet(np.ones(_TOPICS_EACH), n)
    interests = unit(
        mix(space, draw_of(rng, space.by_age, age, _TOPICS_EACH), weights) + noise(rng, n, _INTEREST_NOISE)
    )
    activity = np.exp(_ACTIVITY_SIGMA * rng.normal(size=n) - _ACTIVITY_SIGMA**2 / 2)
    common = rng.normal(size=(n, 1)) * np.sqrt(config.user_correlation)
    joined = -1 - rng.exponential(_MEAN_AGE_DAYS, n).astype(np.int64)
    late = rng.random(n) < _JOINING_SHARE
    return Users(
        interests=interests.astype(np.float32),
        estimate=unit(interests + noise(rng, n, _ESTIMATE_NOISE)).astype(np.float32),
        activity=activity,
        openness=(common + rng.normal(size=(n, 2)) * np.sqrt(1.0 - config.user_correlation)).astype(np.float32),
        market=market,
        language=language,
        age=age,
        device=choice(rng, np.array(list(DEVICES.values())), n),
        free=rng.random(n) < FREE_SHARE,
        joined=np.where(late, rng.integers(0, config.end_day, n), joined),
    )
