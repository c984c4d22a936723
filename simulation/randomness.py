"""Random numbers: one generator for each purpose and day, so that draws for one purpose change no other draws."""

from enum import IntEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Floats, Ints


class Purpose(IntEnum):
    """The purpose of a generator. The numbers are part of the seed: append, never renumber."""

    TOPICS = 0
    USERS = 1
    SHOWS = 2
    EPISODES = 3
    PROMOTION_CAMPAIGNS = 4
    AD_CAMPAIGNS = 5
    LIBRARIES = 6
    CALIBRATION = 7
    LISTENING = 8
    OPPORTUNITIES = 9
    PROMOTIONS = 10
    ADS = 11
    OUTCOMES = 12
    REACTIONS = 13
    CHANNELS = 14
    AUCTIONS = 15


def generator(seed: int, purpose: Purpose, day: int = 0) -> Generator:
    """The generator of one purpose on one day of the world `seed`."""
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=(int(purpose), day))))


def choice(rng: Generator, weights: Floats, size: int | tuple[int, ...]) -> Ints:
    """Indices into `weights`, drawn in proportion to them."""
    return inverse(weights, rng.random(size))


def inverse(weights: Floats, uniform: NDArray[np.float64]) -> Ints:
    """The indices that uniform numbers in [0, 1) pick in proportion to `weights`."""
    cumulative = np.cumsum(weights, dtype=np.float64)
    return np.minimum(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"), len(weights) - 1)


def systematic(rng: Generator, inclusion: Floats) -> Ints:
    """Indices included with the given probabilities, evenly spread along the array (systematic sampling).

    In any stretch of the array the number of included indices is within one of its expectation.
    """
    cumulative = np.cumsum(inclusion, dtype=np.float64) + rng.random()
    return np.flatnonzero(np.diff(np.floor(cumulative), prepend=np.floor(cumulative[0] - inclusion[0])) > 0)


def gumbel(rng: Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Standard Gumbel noise: argmax(score + noise) draws from softmax(score)."""
    return -np.log(-np.log(rng.random(shape, dtype=np.float32) * np.float32(0.999_999) + np.float32(5e-7)))
