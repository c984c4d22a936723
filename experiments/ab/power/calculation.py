"""How many days a test must run, from logs of ordinary days (docs/ab.md).

Users are split at random, so an arm's variance is known before any test: take the last 1, 2, ... n days of the logs as
a test without an effect, and give each window the variance of log R by the delta method over users (`change.py`). Two
arms with shares w and 1 - w of the users then have the variance of all users together times (1 / w + 1 / (1 - w)).

The variance falls with the days, and more slowly than 1 / days, since the same users come back. Longer tests than the
logs are taken to follow the power law days^-s through the longer half of the windows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from scipy.stats import norm

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.change import Floats, log_ratio, products, ratio_of
from experiments.ab.measures.judging import is_judged
from experiments.ab.measures.metrics import COUNTS, METRICS, Metric
from experiments.ab.measures.segments import SEGMENTS, Segment
from experiments.ab.measures.user_days import days_of
from experiments.ab.measures.user_sums import columns_of
from experiments.ab.power.curve import VarianceCurve

SHOWN_DAYS = (7, 14, 28)
"""Lengths of a test for which tables give the smallest visible lift."""
_FEWEST_DAYS = 4


@dataclass(frozen=True)
class PowerSettings:
    """The change that a test is to find, how surely, and with which split.

    Attributes:
        lift: relative change to find, such as 0.05; greater than -1, and not 0.
        power: how likely the test is to find it.
        alpha: how likely it is to find something where there is nothing.
        share: of the users in the treatment; the others are in the control.
    """

    lift: float = 0.05
    power: float = 0.8
    alpha: float = 0.05
    share: float = 0.5

    @property
    def sigmas(self) -> float:
        """How many standard errors the log change must be: z(1 - alpha / 2) + z(power)."""
        return float(norm.ppf(1 - self.alpha / 2) + norm.ppf(self.power))

    @property
    def inflation(self) -> float:
        """The variance of a change over that of log R of all users."""
        return 1 / self.share + 1 / (1 - self.share)


@dataclass(frozen=True)
class PowerRow:
    """How long one metric in one segment takes.

    Attributes:
        segment, metric: names.
        value: the metric over all days of the logs.
        lift: the relative change to find.
        days: days of the test until it is found; None for more than a year, or too few events.
        extrapolated: whether that is longer than the logs.
        smallest: the smallest relative rise that is found after `SHOWN_DAYS`; None where there are too few
            events by then.
        curve: the variance by days; None with too few events.
    """

    segment: str
    metric: str
    value: float | None
    lift: float
    days: int | None
    extrapolated: bool
    smallest: tuple[float | None, ...]
    curve: VarianceCurve | None


def power_rows(
    rows: pl.DataFrame, settings: PowerSettings, segments: Sequence[Segment] = SEGMENTS
) -> tuple[PowerRow, ...]:
    """A row for each segment and metric, from `rows` of `read_user_days`.

    Raises:
        ExperimentError: the logs have fewer than four days of labelled impressions.
    """
    present = days_of(rows)
    days = (present[-1] - present[0]).days + 1 if present else 0
    if days < _FEWEST_DAYS:
        raise ExperimentError(
            f"the logs have {days} days of labelled impressions; give at least {_FEWEST_DAYS}, better 14 or more"
        )
    windows = [rows.filter(pl.col("day") > present[-1] - timedelta(days=day)) for day in range(1, days + 1)]
    users = [window["user_id"].n_unique() for window in windows]
    result = []
    for segment in segments:
        sums = [_products(window.filter(segment.rows), count) for window, count in zip(windows, users, strict=True)]
        result += [_power_row(sums, segment, metric, settings) for metric in METRICS]
    return tuple(result)


def _products(rows: pl.DataFrame, users: int) -> Floats:
    """The products of all users. Users without a row in the segment count only in the number of users."""
    sums = rows.group_by("user_id").agg(pl.col(COUNTS).sum()).select(COUNTS).to_numpy()
    total = products(np.column_stack([np.ones(len(sums)), sums]))
    total[0, 0] = users
    return total


def _power_row(sums: Sequence[Floats], segment: Segment, metric: Metric, settings: PowerSettings) -> PowerRow:
    columns = columns_of(metric, adjust=False)
    smaller = min(settings.share, 1 - settings.share)
    enough = [is_judged(metric, window, share=smaller) for window in sums]
    measured = np.array(
        [float(log_ratio(window, columns).variance) if ok else np.nan for window, ok in zip(sums, enough, strict=True)]
    )
    curve = VarianceCurve.of(measured)
    value = float(ratio_of(sums[-1], columns))
    target = (math.log1p(settings.lift) / settings.sigmas) ** 2 / settings.inflation
    days = curve.days_until(target) if curve else None
    return PowerRow(
        segment=segment.name,
        metric=metric.name,
        value=value if math.isfinite(value) else None,
        lift=settings.lift,
        days=days,
        extrapolated=days is None or days > len(measured),
        smallest=tuple(
            smallest_lift(curve, day, settings) if curve and day >= curve.first else None for day in SHOWN_DAYS
        ),
        curve=curve,
    )


def smallest_lift(curve: VarianceCurve, days: float, settings: PowerSettings) -> float:
    """The smallest relative rise that a test of `days` days finds with the power that `settings` ask for."""
    return math.expm1(settings.sigmas * math.sqrt(settings.inflation * curve.at(days)))
