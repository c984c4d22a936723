"""The measures that compare two models: a value of some rows, and each user's influence on it.

A row's *influence* on a value is the derivative with respect to the row's weight
(`components/evaluation/influence.py`). Summed by user, the influences give a variance that counts users, not rows: the
infinitesimal jackknife (Efron 1982, "The Jackknife, the Bootstrap and Other Resampling Plans", ch. 6). One pass
over the rows gives them, where a bootstrap takes hundreds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.evaluation.influence import Numbers, influences

_LEAST = 1e-7  # a probability of 0 or 1 that is wrong has no log loss


@dataclass(frozen=True, eq=False)
class Scored:
    """Rows scored by one model, in the order of falling scores.

    Attributes:
        labels: 0 or 1, [n].
        scores: [n], float64; a score that is not finite is -inf, and comes last.
        users: integers [n], from 0 to `all_users` - 1.
        all_users: how many users there are, with or without rows here.
    """

    labels: NDArray
    scores: Numbers
    users: NDArray
    all_users: int

    @cached_property
    def positive(self) -> NDArray[np.int64]:
        """The places of the positives."""
        return np.flatnonzero(self.labels)

    @property
    def finite(self) -> bool:
        """Whether every score is a finite number."""
        return bool(np.isfinite(self.scores[-1:]).all())

    def by_user(self, values: Numbers) -> Numbers:
        """The sums of values of the first rows by user, [all_users]."""
        sums: Numbers = np.bincount(self.users[: values.size], values, self.all_users).astype(np.float64, copy=False)
        return sums


class Measured(NamedTuple):
    """A value of some rows.

    Attributes:
        value: the value.
        by_user: the sum of the influences of each user's rows, [all_users]; 0 for a user without rows.
    """

    value: float
    by_user: Numbers


Measure = Callable[[Scored], Measured | None]
"""None if the rows have no such value."""


def average_precision(rows: Scored) -> Measured | None:
    """`AP = 1/P sum_i y_i precision_i`, as in scikit-learn; None without positives."""
    positive = rows.positive
    if not positive.size:
        return None
    falling = -rows.scores
    ends = np.searchsorted(falling, falling[positive], side="right")  # of the rows with the score of each positive
    first = np.flatnonzero(np.append(True, ends[1:] != ends[:-1]))  # equal scores are one step
    counts, steps = np.diff(np.append(first, positive.size)), ends[first]
    ap, of_positive, of_negative = influences(counts.astype(np.float64), steps.astype(np.float64))
    influence = np.repeat(of_negative, np.diff(steps, prepend=0))  # 0 for all rows below the last step
    influence[positive] = np.repeat(of_positive, counts)
    return Measured(ap, rows.by_user(influence))


def log_loss(rows: Scored) -> Measured | None:
    """`-1/n sum_i y_i log p_i + (1 - y_i) log(1 - p_i)`; None without rows, or if a score is not finite."""
    if not rows.labels.size or not rows.finite:
        return None
    scores, positive = np.clip(rows.scores, _LEAST, 1 - _LEAST), rows.positive
    losses = -np.log1p(-scores)
    losses[positive] = -np.log(scores[positive])
    mean = float(losses.mean())
    return Measured(mean, rows.by_user((losses - mean) / losses.size))


def calibration(rows: Scored) -> Measured | None:
    """Expected / observed outcomes, `sum_i p_i / sum_i y_i`; None without positives, or if a score is not finite."""
    positive = rows.positive
    if not positive.size or not rows.finite:
        return None
    ratio = float(rows.scores.sum()) / positive.size
    residuals = rows.scores.copy()
    residuals[positive] -= ratio
    return Measured(ratio, rows.by_user(residuals) / positive.size)


AP, LOG_LOSS, CALIBRATION = "ap", "log_loss", "calibration"

MEASURES: dict[str, Measure] = {AP: average_precision, LOG_LOSS: log_loss, CALIBRATION: calibration}
"""The measures by name. To compare something new, add a row; its value must be above 0."""
