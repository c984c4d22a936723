"""The latent space: topics as unit vectors; topics of a genre are close together."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Floats, Ints
from simulation.names import AGES, GENRE_OF, GENRES, TOPICS
from simulation.randomness import choice

DIMENSIONS = 16
"""Dimensions of the latent space, and of the shows' embeddings."""

_SPREAD_IN_GENRE = 0.7
_AGE_TILT = 0.6


@dataclass(frozen=True)
class TopicSpace:
    """The topics: their vectors and how common they are.

    Attributes:
        vectors: float32 [topics, DIMENSIONS], unit length.
        popularity: [topics], sums to 1.
        by_age: [ages, topics], popularity of topics by age; rows sum to 1.
    """

    vectors: NDArray[np.float32]
    popularity: Floats
    by_age: Floats


def draw_topics(rng: Generator) -> TopicSpace:
    """Draws genre centres, topics around them, their popularity, and each age's tilt towards genres."""
    genre = np.array([list(GENRES).index(name) for name in GENRE_OF])
    centres = unit(rng.normal(size=(len(GENRES), DIMENSIONS)))
    vectors = unit(centres[genre] + _SPREAD_IN_GENRE * unit(rng.normal(size=(len(TOPICS), DIMENSIONS))))
    popularity = rng.dirichlet(np.full(len(TOPICS), 4.0))
    tilt = np.exp(_AGE_TILT * rng.normal(size=(len(AGES), len(GENRES))))[:, genre]
    by_age = popularity * tilt
    return TopicSpace(vectors.astype(np.float32), popularity, by_age / by_age.sum(axis=1, keepdims=True))


def draw_of(rng: Generator, weights: Floats, groups: Ints, count: int) -> Ints:
    """`count` topics for each row, drawn by the weights of its group; [n] -> [n, count]."""
    topics = np.empty((len(groups), count), np.int64)
    for group, row in enumerate(weights):
        mask = groups == group
        topics[mask] = choice(rng, row, (int(mask.sum()), count))
    return topics


def mix(space: TopicSpace, topics: Ints, weights: Floats) -> NDArray[np.float64]:
    """The weighted sums of topic vectors; [n, k], [n, k] -> [n, DIMENSIONS]."""
    return np.einsum("nk,nkd->nd", weights, space.vectors[topics].astype(np.float64))


def unit(vectors: Floats) -> NDArray[np.float64]:
    """The vectors at unit length; [n, d] -> [n, d]."""
    return vectors / np.sqrt(np.einsum("nd,nd->n", vectors, vectors))[:, None]


def noise(rng: Generator, rows: int, length: Floats | float) -> NDArray[np.float64]:
    """Gaussian vectors of the given root mean square length; [rows, DIMENSIONS]."""
    return rng.normal(size=(rows, DIMENSIONS)) * (np.broadcast_to(length, (rows,)) / np.sqrt(DIMENSIONS))[:, None]
