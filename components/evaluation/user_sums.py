"""Sums of predictions and outcomes by group of users: the mergeable state of expected over observed outcomes.

Rows of one user are not independent, so an interval must count users, not rows. A group holds all rows of its users
(the random groups of Wolter 2007, "Introduction to Variance Estimation", ch. 2). The groups keep the state small,
however many users there are. The sums are integers, so the order of adding and merging does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

GROUPS = 256
"""Groups of users. A normal quantile is within 1 % of Student's with as many."""

_UNITS = 2.0**32  # a prediction's last digit is below 1e-9; a sum of 2 million rows still fits a float64


@dataclass(frozen=True, eq=False)
class UserSums:
    """Sums by group of users.

    Attributes:
        predicted: int64 [GROUPS], predictions in units of 2**-32; those that are not finite count as 0.
        positives: int64 [GROUPS], rows of label 1.
    """

    predicted: NDArray[np.int64]
    positives: NDArray[np.int64]

    @property
    def expected(self) -> NDArray[np.float64]:
        """The sum of the predictions, [GROUPS]."""
        return self.predicted / _UNITS


NO_USERS = UserSums(np.zeros(GROUPS, np.int64), np.zeros(GROUPS, np.int64))


def group_of(users: NDArray) -> NDArray[np.int16]:
    """The group of each user, the same on every machine.

    Args:
        users: ids as bytes, [n].
    """
    return np.fromiter((crc32(user) % GROUPS for user in users), np.int16, len(users))


def sums_of(groups: NDArray[np.int16], labels: NDArray, scores: NDArray) -> UserSums:
    """The sums of some rows, up to two million.

    Args:
        groups: of `group_of`, [n].
        labels: 1 or True for a positive, [n].
        scores: predictions between 0 and 1, [n].
    """
    finite = np.where(np.isfinite(scores), scores, 0.0).astype(np.float64)
    predicted = np.bincount(groups, np.rint(finite * _UNITS), GROUPS)
    positives = np.bincount(groups[labels.astype(bool)], minlength=GROUPS)
    return UserSums(predicted.astype(np.int64), positives.astype(np.int64))


def merge_sums(sums: Sequence[UserSums]) -> UserSums:
    """The sums of the rows of all `sums`."""
    if len(sums) == 1:
        return sums[0]
    return UserSums(
        np.sum([part.predicted for part in sums], axis=0, dtype=np.int64),
        np.sum([part.positives for part in sums], axis=0, dtype=np.int64),
    )
