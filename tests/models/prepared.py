"""Prepared rows for tests that need no Transform graph: a layout of three features and labels that can be learned."""

import numpy as np

from models.prepared_rows import PreparedRows
from models.recipes import DEFAULT_RECIPES, Recipe, bind
from models.tasks import DEFAULT_TASKS
from transforms.domain import DEFAULT_LABELS, DEFAULT_SOURCES
from transforms.packed import FloatInput, IdInput, PackedLayout

SHOWS, GENRES, WIDTH = 50, 8, 3
LABELS = tuple(DEFAULT_LABELS)
RECIPES: dict[str, Recipe] = {name: bind(config, DEFAULT_TASKS) for name, config in DEFAULT_RECIPES.items()}


def small_layout() -> PackedLayout:
    """`show` (one id), `genres` (up to three ids) and `signal` (two floats)."""
    ids = (IdInput("show", 0, 1, 0, SHOWS), IdInput("genres", 1, WIDTH, SHOWS, GENRES))
    floats = (FloatInput("signal", 0, 2),)
    return PackedLayout(ids, floats)


def random_rows(promotions: int, ads: int, *, seed: int = 0, rate: float = 0.2) -> PreparedRows:
    """Rows in random order; labels depend on the show and on the signal, in the same way for both sources."""
    rng = np.random.default_rng(seed)
    n = promotions + ads
    source = rng.permutation(np.repeat(np.array([0, 1], np.int8), [promotions, ads]))
    show = rng.integers(1, SHOWS, n)
    genres = SHOWS + rng.integers(0, GENRES, (n, WIDTH))
    signal = rng.normal(size=n)
    floats = np.stack([signal, source], axis=1).astype(np.float32)
    odds = rate / (1 - rate) * np.exp(signal + (show % 5 - 2))
    labels = rng.random((n, len(LABELS))) < (odds / (1 + odds))[:, None]
    ids = np.concatenate([show[:, None], genres], axis=1).astype(np.int32)
    return PreparedRows(ids, floats, labels.astype(np.int8), source, LABELS, DEFAULT_SOURCES)
