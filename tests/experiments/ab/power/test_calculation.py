import math
from datetime import timedelta

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.segments import ALL
from experiments.ab.power.calculation import PowerSettings, power_rows, smallest_lift
from experiments.ab.power.curve import VarianceCurve
from tests.experiments.ab.made_days import heavy_tailed, user_days


def test_the_power_law_by_hand():
    """Variance 1, 1/2, 1/4 after 1, 2, 4 days falls as 1 / days: 1/8 after 8 days, 1/16 after 16."""
    curve = VarianceCurve.of(np.array([1, 1 / 2, 1 / 3, 1 / 4]))
    assert curve.slope == pytest.approx(1)
    assert [curve.at(days) for days in (2, 4, 8, 16)] == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 16])
    assert curve.days_until(1 / 2) == 2
    assert curve.days_until(0.0999) == 11
    assert curve.days_until(1e-9) is None


def test_users_who_always_come_back_alike_teach_nothing_more():
    curve = VarianceCurve.of(np.full(10, 0.5))
    assert curve.slope == pytest.approx(0)
    assert curve.days_until(0.4) is None


def test_windows_without_enough_events_are_not_measured():
    curve = VarianceCurve.of(np.array([np.nan, np.nan, np.nan, 1 / 4, 1 / 5, 1 / 6]))
    assert curve.at(1) == pytest.approx(1)
    assert curve.first == 4
    assert curve.days_until(2) == 4, "before, there is nothing to judge"
    assert VarianceCurve.of(np.array([np.nan, np.nan, np.nan, 1 / 4])) is None


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_the_smallest_lift_is_that_of_statsmodels(share: float):
    """10,000 users whose log R varies by 2 for each: the change has the effect size log(1 + lift) / sqrt(2)."""
    settings = PowerSettings(share=share)
    curve = VarianceCurve.of(np.array([2 / 10_000] * 4))
    lift = smallest_lift(curve, 1, settings)
    power = NormalIndPower().power(
        math.log1p(lift) / math.sqrt(2), nobs1=10_000 * share, alpha=0.05, ratio=(1 - share) / share
    )
    assert power == pytest.approx(0.8, abs=1e-4)


def test_a_smaller_lift_takes_longer_and_more_power_too():
    rows = heavy_tailed(users=1500)

    def days(lift: float, power: float = 0.8) -> list[int]:
        return [row.days or 366 for row in power_rows(rows, PowerSettings(lift, power), [ALL])]

    assert all(small >= large for small, large in zip(days(0.1), days(0.2), strict=True))
    assert all(sure >= less for sure, less in zip(days(0.1, 0.95), days(0.1), strict=True))


def test_measured_windows_end_on_the_last_day():
    """All streams were on the last two days of four, so windows of two and more days have the same rate of users."""
    rows = user_days(*[(f"u{n}", None, n % 4, 0, 0, 1, float(n % 4 > 1), 1, 1) for n in range(2000)])
    (i2s, *_) = power_rows(rows, PowerSettings(), [ALL])
    assert i2s.value == pytest.approx(0.5)
    assert i2s.curve.measured[:2] == pytest.approx([0, 0], abs=1e-12), "every impression of these days had a stream"
    # Half of 2000 impressions have a stream: variance of log R is (1 - 0.5) / 0.5 / 2000.
    assert i2s.curve.measured[3] == pytest.approx(1 / 2000, rel=1e-3)


@pytest.mark.parametrize(("streams", "first"), [(12, 5), (6, 10)])
def test_days_with_too_few_streams_find_nothing(streams: int, first: int):
    """Each arm has half the streams of 20 days, so 30 after five days with 12 and after ten with 6."""
    each_day = [(day, user) for day in range(20) for user in range(40)]
    rows = user_days(*[(f"{day}-{user}", None, day, 0, 0, 1, float(user < streams), 1, 1) for day, user in each_day])
    (i2s, *_) = power_rows(rows, PowerSettings(lift=9.0), [ALL])
    assert (i2s.days, i2s.curve.first) == (first, first), "such a lift would show in fewer"
    assert [lift is None for lift in i2s.smallest] == [first > 7, False, False]


def test_too_few_streams_is_no_answer_and_few_days_an_error():
    rows = user_days(*[(f"u{n}", None, n % 4, 0, 0, 10, 0, 1.0 + n % 3, 1) for n in range(200)])
    i2s, ctr, *_ = power_rows(rows, PowerSettings(), [ALL])
    assert (i2s.days, i2s.curve, i2s.smallest) == (None, None, (None, None, None))
    assert ctr.curve is not None
    with pytest.raises(ExperimentError, match="the logs have 3 days of labelled impressions; give at least 4"):
        power_rows(rows.filter(rows["day"] < rows["day"].min() + timedelta(days=3)), PowerSettings(), [ALL])
