"""The headline figures after each day, for those who look early."""

import math
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from experiments.ab.analyze.results import LookRow
from experiments.ab.analyze.sequential import always_valid
from experiments.ab.measures.arms import AbTest
from experiments.ab.measures.change import Floats, log_change
from experiments.ab.measures.judging import is_judged, number_or_none
from experiments.ab.measures.metrics import METRICS, Metric
from experiments.ab.measures.segments import HEADLINES, Segment
from experiments.ab.measures.user_days import days_of
from experiments.ab.measures.user_sums import AbUsers, columns_of


def looks(test: AbTest, users: AbUsers, expected: float, *, adjust: bool) -> Iterator[LookRow]:
    """A row for each headline figure and day of the test.

    Args:
        test: its rows.
        users: its users.
        expected: the relative change that the sequential test is best at finding.
        adjust: whether to use CUPED.
    """
    days = days_of(test.during)
    for segment in HEADLINES:
        by_day = [users.products(users.values(test, segment, day)) for day in days]
        for treatment in range(1, len(test.arms)):
            for metric in METRICS:
                yield from _looks_of(test, treatment, segment, metric, days, by_day, expected, adjust=adjust)


def _looks_of(
    test: AbTest,
    treatment: int,
    segment: Segment,
    metric: Metric,
    days: Sequence[date],
    by_day: Sequence[list[Floats]],
    expected: float,
    *,
    adjust: bool,
) -> Iterator[LookRow]:
    """The looks at one figure; those with too few events do not count, since the test is for large samples."""
    columns = columns_of(metric, adjust=adjust)
    changes = [log_change(arms[0], arms[treatment], columns) for arms in by_day]
    counts = [is_judged(metric, arms[0], arms[treatment]) for arms in by_day]
    value = np.array([float(change.value) if ok else np.nan for change, ok in zip(changes, counts, strict=True)])
    variance = np.array([float(change.variance) for change in changes])
    steps = always_valid(value, variance, math.log1p(expected))
    for number, day in enumerate(days):
        yield LookRow(
            arm=test.arms[treatment],
            segment=segment.name,
            metric=metric.name,
            day=day,
            change=number_or_none(np.expm1(value[number])),
            low=number_or_none(steps.low[number]),
            high=number_or_none(steps.high[number]),
            p_value=number_or_none(steps.p_value[number]),
        )
