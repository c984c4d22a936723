"""Counted rows: their score curve for average precision, and their sums by user for calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import NDArray

from components.evaluation import curve as curves
from components.evaluation.curve import EMPTY, ScoreCurve
from components.evaluation.user_sums import NO_USERS, UserSums, merge_sums, sums_of


@dataclass(frozen=True, eq=False)
class CountedRows:
    """Rows, counted; by default none.

    Attributes:
        curve: their labels by score.
        users: sums of their predictions and outcomes by group of users.
    """

    curve: ScoreCurve = EMPTY
    users: UserSums = NO_USERS


NOTHING = CountedRows()


def count(labels: NDArray, scores: NDArray, groups: NDArray, limit: int) -> CountedRows:
    """Counts rows.

    Args:
        labels: [n], 1 or True for a positive.
        scores: float [n].
        groups: int16 [n], of `group_of`.
        limit: most distinct scores of the curve.
    """
    return CountedRows(curves.from_rows(labels, scores, limit), sums_of(groups, labels, scores))


def merge(counted: Sequence[CountedRows], limit: int) -> CountedRows:
    """The rows of all of `counted`, at least one."""
    return CountedRows(
        curves.merge([part.curve for part in counted], limit), merge_sums([part.users for part in counted])
    )
