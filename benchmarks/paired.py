"""The difference of two models' average precision on the same rows, with an interval that respects users.

The interval is the percentile bootstrap's over users (Efron 1979, "Bootstrap methods: another look at the jackknife";
clusters: Field and Welsh 2007). Each replicate draws users with replacement and gives both models the same rows, so
what a row adds to both cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


class Ranked:
    """Rows in the order of their scores; average precision under any weights of the rows is then a few sums.

    Equal scores are one step of the curve, as in scikit-learn's `average_precision_score`.

    Args:
        labels: 0 or 1, `[n]`.
        scores: finite floats, `[n]`.
    """

    def __init__(self, labels: np.ndarray, scores: np.ndarray) -> None:
        self._order = np.argsort(-scores, kind="stable")
        self._labels = labels[self._order].astype(np.float64)
        ordered = scores[self._order]
        self._ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)

    def ap(self, weights: np.ndarray) -> float:
        """Average precision with `weights` of at least 0, `[n]`; NaN without positives."""
        own = weights[self._order]
        positives = np.cumsum(own * self._labels)[self._ends]
        predicted = np.cumsum(own)[self._ends]
        if not positives[-1]:
            return float("nan")
        precision = positives / np.where(predicted, predicted, 1.0)
        return float(np.sum(np.diff(positives, prepend=0.0) * precision) / positives[-1])


@dataclass(frozen=True)
class Paired:
    """Two kinds of models on the same rows.

    Attributes:
        ours, theirs: mean AP over the models of each kind; NaN without positives.
        low, high: 95 % interval of `difference`.
    """

    ours: float
    theirs: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """`ours` - `theirs`."""
        return self.ours - self.theirs


def paired(
    labels: np.ndarray,
    users: np.ndarray,
    ours: Sequence[np.ndarray],
    theirs: Sequence[np.ndarray],
    replicates: int = 500,
    seed: int = 0,
) -> Paired:
    """Compares models on the same rows.

    Args:
        labels: 0 or 1, `[n]`, n of at least 1.
        users: each row's user, `[n]`.
        ours: scores `[n]` of each model of one kind, such as several seeds.
        theirs: those of the other kind.
        replicates: draws of users.
        seed: of the draws.
    """
    kinds = [[Ranked(labels, scores) for scores in kind] for kind in (ours, theirs)]
    _, codes = np.unique(users, return_inverse=True)
    count = codes.max() + 1
    rng = np.random.default_rng(seed)

    def aps(weights: np.ndarray) -> list[float]:
        return [float(np.mean([model.ap(weights) for model in kind])) for kind in kinds]

    differences = []
    for _ in range(replicates):
        first, second = aps(np.bincount(rng.integers(0, count, count), minlength=count)[codes].astype(np.float64))
        differences.append(first - second)
    drawn = np.array(differences)[np.isfinite(differences)]
    low, high = np.quantile(drawn, (0.025, 0.975)) if len(drawn) else (float("nan"), float("nan"))
    first, second = aps(np.ones(len(labels)))
    return Paired(first, second, float(low), float(high))
