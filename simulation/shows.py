"""The podcasts: topics, quality, popularity by a power law, embeddings, and days of release."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints
from simulation.config import SimulationConfig
from simulation.names import LANGUAGES, SHOW_LANGUAGES
from simulation.randomness import choice
from simulation.topics import TopicSpace, draw_of, mix, noise, unit

TOPICS_EACH = 3
_ZIPF = 1.3
_ZIPF_SHIFT = 1 / 400  # of the number of shows
_QUALITY_BY_POPULARITY = 0.4
_LATENT_NOISE = 0.35
_EMBEDDING_NOISE = (0.3, 0.9)
_BORN_SHARE = 0.08
_MEAN_AGE_DAYS = 700.0
_RAMP_DAYS = 14.0
_CADENCES = (1, 3, 7, 14)
_CADENCE_SHARES = (0.1, 0.15, 0.55, 0.2)


@dataclass(frozen=True)
class Shows:
    """All shows, by index; the index says nothing about popularity.

    Attributes:
        latent: float32 [shows, DIMENSIONS], unit length: their content.
        embedding: float32 [shows, DIMENSIONS]: a noisy view of latent, noisier for less popular shows.
        topics, topic_weights: [shows, TOPICS_EACH].
        quality: [shows], standard normal.
        popularity: [shows], in (0, 1], a power law of rank.
        rank: [shows], 0 is the most popular.
        language, publisher: codes.
        released: day of release, negative before day 0.
        minutes: [shows], median length of an episode.
        cadence: [shows], days from one episode to the next.
    """

    latent: NDArray[np.float32]
    embedding: NDArray[np.float32]
    topics: Ints
    topic_weights: Floats
    quality: NDArray[np.float32]
    popularity: Floats
    rank: Ints
    language: Ints
    publisher: Ints
    released: Ints
    minutes: Floats
    cadence: Ints

    def alive(self, day: int) -> Bools:
        """Which shows are released by `day`."""
        return self.released <= day

    def reach(self, day: int) -> Floats:
        """Popularity on `day`: 0 before release, then rising to its level within weeks."""
        age = np.maximum(day - self.released + 1, 0)
        return self.popularity * (1.0 - np.exp(-age / _RAMP_DAYS))


def draw_shows(rng: Generator, config: SimulationConfig, space: TopicSpace) -> Shows:
    """Draws the shows; docs/world.md gives the distributions."""
    n = config.shows
    rank = rng.permutation(n)
    fame = np.array([NormalDist().inv_cdf(share) for share in 1.0 - (rank + 0.5) / n])
    quality = _QUALITY_BY_POPULARITY * fame + np.sqrt(1.0 - _QUALITY_BY_POPULARITY**2) * rng.normal(size=n)
    topics, weights, latent = draw_content(rng, space, n)
    known, unknown = _EMBEDDING_NOISE
    blur = known + (unknown - known) * rank / n
    released = -1 - rng.exponential(_MEAN_AGE_DAYS, n).astype(np.int64)
    born = rng.random(n) < _BORN_SHARE
    return Shows(
        latent=latent.astype(np.float32),
        embedding=(latent + noise(rng, n, blur)).astype(np.float32),
        topics=topics,
        topic_weights=weights,
        quality=quality.astype(np.float32),
        popularity=((rank + 1.0 + n * _ZIPF_SHIFT) / (1.0 + n * _ZIPF_SHIFT)) ** -_ZIPF,
        rank=rank,
        language=choice(rng, np.array([SHOW_LANGUAGES[name] for name in LANGUAGES]), n),
        publisher=choice(rng, (np.arange(max(n // 5, 1)) + 1.0) ** -0.8, n),
        released=np.where(born, rng.integers(config.first_day, config.end_day, n), released),
        minutes=np.exp(rng.normal(np.log(34.0), 0.5, n)).clip(5.0, 180.0),
        cadence=np.array(_CADENCES)[choice(rng, np.array(_CADENCE_SHARES), n)],
    )


def draw_content(rng: Generator, space: TopicSpace, count: int) -> tuple[Ints, Floats, NDArray[np.float64]]:
    """Draws the topics of shows, their weights, and their latents; [n, TOPICS_EACH] twice, [n, DIMENSIONS]."""
    weights = -np.sort(-rng.dirichlet((4.0, 2.0, 1.0), count), axis=1)
    topics = draw_of(rng, space.popularity[None, :], np.zeros(count, np.int64), TOPICS_EACH)
    return topics, weights, unit(mix(space, topics, weights) + noise(rng, count, _LATENT_NOISE))
