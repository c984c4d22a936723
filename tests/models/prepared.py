"""Prepared rows for tests that need no Transform graph: a layout of three features and labels that can be learned."""

import numpy as np

from models.config import ModelConfig
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


RECENT = 4
SWITCHES = ModelConfig(
    embedding_dim=4,
    tower_units=(8,),
    numeric_bins=4,
    numeric_width=3,
    id_dropout=0.3,
    id_dropout_features=("show",),
    history_pooling="attention",
)
"""A model with all that is optional about inputs."""


def rich_layout() -> PackedLayout:
    """That of `small_layout`, with `recent` (up to four shows) and `signal` as a z-score beside a vector, `source`."""
    ids = (*small_layout().ids, IdInput("recent", 1 + WIDTH, RECENT, 0, SHOWS))
    quantiles = tuple(float(value) for value in np.linspace(-2, 2, 9))
    return PackedLayout(ids, (FloatInput("source", 0, 1), FloatInput("signal", 1, 2, (quantiles,))))


def rich_rows(promotions: int, ads: int, *, seed: int = 0) -> PreparedRows:
    """Those of `random_rows` in the layout of `rich_layout`; a third of the signals is missing."""
    rows = random_rows(promotions, ads, seed=seed)
    rng = np.random.default_rng(seed + 1000)
    recent = rng.integers(0, SHOWS, (len(rows), RECENT))
    present = rng.random(len(rows)) < 2 / 3
    signal, source = rows.floats.T
    floats = np.stack([source, np.where(present, signal, 0.0), present], axis=1).astype(np.float32)
    ids = np.concatenate([rows.ids, recent], axis=1).astype(np.int32)
    return PreparedRows(ids, floats, rows.labels, rows.source, rows.label_names, rows.source_names)
