"""What is compared of two models: a value of some rows, and how much each user moves it.

A row's *influence* on a value is the derivative with respect to the row's weight
(`components/evaluation/influence.py`). Summed by user, the influences give a variance that counts users, not rows: the
infinitesimal jackknife (Efron 1982, "The Jackknife, the Bootstrap and Other Resampling Plans", ch. 6). One pass
over the rows gives them, where a bootstrap takes hundreds.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.evaluation.influence import Numbers, influences

_LEAST = 1e-7  # a probability of 0 or 1 that is wrong has no log loss


class Scored(NamedTuple):
    """Rows scored by one model, in the order of falling scores.

    Attributes:
        labels: 0 or 1, [n], float64.
        scores: [n], float64; what is not finite is -inf, and comes last.
        users: int64 [n], from 0 to `all_users` - 1.
        all_users: how many users there are, with or without rows here.
    """

    labels: Numbers
    scores: Numbers
    users: NDArray[np.int64]
    all_users: int

    @property
    def finite(self) -> bool:
        """Whether every score is a finite number."""
        return bool(np.isfinite(self.scores[-1:]).all())


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
    labels, scores = rows.labels, rows.scores
    if not labels.any():
        return None
    starts = np.flatnonzero(np.append(True, scores[1:] != scores[:-1]))
    positives = np.add.reduceat(labels, starts)  # by distinct score, as the influences
    sizes = np.diff(np.append(starts, labels.size))
    ap, of_positive, of_negative = influences(positives, sizes - positives)
    influence = np.where(labels > 0, np.repeat(of_positive, sizes), np.repeat(of_negative, sizes))
    return Measured(ap, _by_user(rows, influence))


def log_loss(rows: Scored) -> Measured | None:
    """`-1/n sum_i y_i log p_i + (1 - y_i) log(1 - p_i)`; None without rows, or if a score is not finite."""
    if not rows.labels.size or not rows.finite:
        return None
    scores = np.clip(rows.scores, _LEAST, 1 - _LEAST)
    losses = -np.where(rows.labels > 0, np.log(scores), np.log1p(-scores))
    mean = float(losses.mean())
    return Measured(mean, _by_user(rows, (losses - mean) / losses.size))


def calibration(rows: Scored) -> Measured | None:
    """Expected / observed outcomes, `sum_i p_i / sum_i y_i`; None without positives, or if a score is not finite."""
    observed = float(rows.labels.sum())
    if not observed or not rows.finite:
        return None
    expected = float(rows.scores.sum())
    ratio = expected / observed
    return Measured(ratio, _by_user(rows, (rows.scores - ratio * rows.labels) / observed))


AP, LOG_LOSS, CALIBRATION = "ap", "log_loss", "calibration"

MEASURES: dict[str, Measure] = {AP: average_precision, LOG_LOSS: log_loss, CALIBRATION: calibration}
"""The measures by name. To compare something new, add a row; its value must be above 0."""


def _by_user(rows: Scored, influence: Numbers) -> Numbers:
    by_user: Numbers = np.bincount(rows.users, influence, rows.all_users).astype(np.float64)
    return by_user
