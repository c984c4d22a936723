"""Rows of heavy-tailed users with rare positives, scored by two models whose errors are partly the same."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.evaluation.paired.measures import Scored
from components.evaluation.scores import About, Scores
from components.evaluation.settings import EvaluatedHead

ALIKE, BETTER = (1.0, 1.0), (0.5, 1.8)
"""How noisy the two models are."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Labels, both models' scores, and users, [n] each."""

    labels: np.ndarray
    ours: np.ndarray
    theirs: np.ndarray
    users: np.ndarray

    def scored(self, scores: np.ndarray) -> Scored:
        order = np.argsort(-scores, kind="stable")
        return Scored(self.labels[order], scores[order], self.users[order], int(self.users.max()) + 1)


def draw(rng: np.random.Generator, users: int, intercept: float, noise: tuple[float, float]) -> Rows:
    """`users` users with 1 to 400 rows, by a power law; a user's rows share a part of outcomes and errors."""
    count = np.minimum(np.ceil(rng.pareto(1.5, users) * 4 + 1), 400).astype(int)
    of = np.repeat(np.arange(users), count)
    rows = of.size
    openness, signal = rng.normal(size=users), rng.normal(size=rows)
    labels = (rng.random(rows) < _sigmoid(intercept + signal + openness[of])).astype(np.float64)
    shared = signal + 0.7 * rng.normal(size=rows) + 0.3 * openness[of]
    ours, theirs = (
        _sigmoid(intercept + shared + level * (0.5 * rng.normal(size=rows) + 0.5 * rng.normal(size=users)[of]))
        for level in noise
    )
    return Rows(labels, ours, theirs, of)


def scores_of(
    columns: dict[str, list], heads: dict[str, tuple[str, tuple[str, ...]]], min_positives: int = 1
) -> Scores:
    """Scores with the given columns: heads by name, with their label and sources."""
    about = About(
        tuple(EvaluatedHead(name, label, sources) for name, (label, sources) in heads.items()),
        ("promotion", "ad"),
        min_positives,
    )
    rows = len(columns["impression_id"])
    defaults = {"stream_tier": [0] * rows, "less_streamed": [0] * rows}
    return Scores(about, pl.DataFrame(defaults | columns).sort("impression_id"))


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))
