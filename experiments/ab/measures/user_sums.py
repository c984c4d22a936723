"""Sums by user of a segment, and the products of an arm that changes follow from."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from experiments.ab.measures.arms import AbTest
from experiments.ab.measures.change import Floats, MetricColumns, products
from experiments.ab.measures.metrics import COUNTS, USERS, Metric
from experiments.ab.measures.segments import Segment
from experiments.ab.measures.user_days import ARM

_BEFORE = tuple(f"before {name}" for name in COUNTS)
_SEEN = "seen before"
COLUMNS = (USERS, *COUNTS, *_BEFORE, _SEEN)
"""Columns of a user's values: 1, the counts of the test, those of the days before, and whether there are any."""


def columns_of(metric: Metric, *, adjust: bool) -> MetricColumns:
    """Where the metric's values stand in `COLUMNS`; with CUPED's covariates, its own sums before the test."""
    own = (metric.numerator, metric.denominator)
    covariates = [f"before {name}" for name in own if name in COUNTS] + [_SEEN] if adjust else []
    y, n, *x = (COLUMNS.index(name) for name in (*own, *covariates))
    return MetricColumns(y, n, tuple(x))


@dataclass(frozen=True)
class AbUsers:
    """The users of a test.

    Attributes:
        names: `user_id`, without repeats.
        arm: [users], the position of each one's arm in `test.arms`.
        first_day: [users], the first day of the test on which each was seen.
    """

    names: pl.DataFrame
    arm: np.ndarray
    first_day: np.ndarray

    @classmethod
    def of(cls, test: AbTest) -> "AbUsers":
        """Numbers the users of `test`."""
        users = test.during.group_by("user_id").agg(pl.col(ARM).first(), pl.col("day").min()).sort("user_id")
        positions = {arm: number for number, arm in enumerate(test.arms)}
        arm = users[ARM].replace_strict(positions, return_dtype=pl.Int64).to_numpy()
        names = users.select("user_id").with_row_index("user")
        return cls(names, arm, users["day"].to_numpy())

    def values(self, test: AbTest, segment: Segment, until: date | None = None) -> Floats:
        """[users, `COLUMNS`] of a segment, over the days of the test up to `until`; 0 for users not yet seen."""
        during = test.during if until is None else test.during.filter(pl.col("day") <= until)
        values = np.zeros((len(self.names), len(COLUMNS)))
        values[:, 0] = 1
        self._add(values, during.filter(segment.rows), COUNTS)
        self._add(values, test.before.filter(segment.rows), _BEFORE)
        values[:, -1] = values[:, COLUMNS.index(_BEFORE[0])] > 0
        if until is not None:
            values[self.first_day > np.datetime64(until)] = 0
        return values

    def _add(self, values: Floats, rows: pl.DataFrame, columns: tuple[str, ...]) -> None:
        sums = rows.group_by("user_id").agg(pl.col(COUNTS).sum()).join(self.names, on="user_id")
        start = COLUMNS.index(columns[0])
        values[sums["user"].to_numpy(), start : start + len(columns)] = sums.select(COUNTS).to_numpy()

    def products(self, values: Floats) -> list[Floats]:
        """The `products` of each arm, in the order of `test.arms`."""
        return [products(values[self.arm == number]) for number in range(int(self.arm.max()) + 1)]
