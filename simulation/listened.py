"""Listening times of streams."""

import numpy as np
from numpy.random import Generator

from simulation.arrays import Floats, Ints, sigmoid

HEARD_MS = 60_000
"""A stream shorter than this is a skip."""

_SKIP = -1.7
_SKIP_BY_AFFINITY = -0.3


def draw_listened_ms(rng: Generator, duration_ms: Ints, affinity: Floats) -> Ints:
    """Milliseconds listened: a skip within the first minute, else a Beta(1.6, 1.1) share of the episode; [n]."""
    n = len(duration_ms)
    skipped = rng.random(n) < sigmoid(_SKIP + _SKIP_BY_AFFINITY * affinity)
    return np.where(skipped, draw_skip_ms(rng, n), draw_full_ms(rng, duration_ms))


def draw_full_ms(rng: Generator, duration_ms: Ints) -> Ints:
    """Milliseconds of streams of a minute or more: a Beta(1.6, 1.1) share of the episode, at least a minute."""
    return np.maximum((duration_ms * rng.beta(1.6, 1.1, len(duration_ms))).astype(np.int64), HEARD_MS)


def draw_skip_ms(rng: Generator, count: int) -> Ints:
    """Milliseconds of streams that end within the first minute; [count]."""
    return rng.integers(1_000, HEARD_MS, count)
