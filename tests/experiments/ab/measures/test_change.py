import math

import numpy as np
import pandas as pd
import pytest
from cluster_experiments import DeltaMethodAnalysis
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from experiments.ab.measures.change import MetricColumns, log_change, log_ratio, products, ratio_of

RATIO = MetricColumns(numerator=1, denominator=2)
MEAN = MetricColumns(numerator=1, denominator=0)


def arm(*users: tuple[float, ...]) -> np.ndarray:
    """The products of users with these values behind the leading 1."""
    return products(np.array([(1, *values) for values in users], float))


def test_by_hand():
    """Streams 1, 3 of impressions 10, 10: streams / 2 - impressions / 10 is -1/2 and 1/2, of variance 1/2, over 2."""
    one = log_ratio(arm((1, 10), (3, 10)), RATIO)
    assert one.value == pytest.approx(math.log(4 / 20))
    assert one.variance == pytest.approx(1 / 4)
    other = arm((2, 10), (4, 10))  # 2/3 - 1 and 4/3 - 1, of variance 2/9, over 2
    change = log_change(arm((1, 10), (3, 10)), other, RATIO)
    assert change.relative == pytest.approx(6 / 4 - 1)
    assert change.variance == pytest.approx(1 / 4 + 1 / 9)
    half = 1.959964 * math.sqrt(1 / 4 + 1 / 9)
    assert change.interval == pytest.approx((1.5 * math.exp(-half) - 1, 1.5 * math.exp(half) - 1), rel=1e-6)
    assert change.p_value == pytest.approx(2 * norm.sf(math.log(1.5) / math.sqrt(1 / 4 + 1 / 9)))


def test_rows_that_are_users_have_the_variance_of_a_ratio_of_two_shares():
    """The textbook interval of a risk ratio: 1/a - 1/n + 1/b - 1/m (Katz et al. 1978)."""
    users, clicks = 1000, (30, 45)
    arms = [arm(*[(1, 1)] * count, *[(0, 1)] * (users - count)) for count in clicks]
    change = log_change(arms[0], arms[1], RATIO)
    assert change.relative == pytest.approx(0.5)
    assert change.variance == pytest.approx((1 / 30 + 1 / 45 - 2 / users) * users / (users - 1))


def random_users(seed: int, users: int = 400, lift: float = 1.0) -> np.ndarray:
    """1, streams, impressions, and the same of the days before; activity has a heavy tail and lasts."""
    rng = np.random.default_rng(seed)
    activity, taste = rng.lognormal(0, 1, users), rng.beta(2, 20, users)
    now, before = (rng.poisson(5 * activity) + 1 for _ in range(2))
    streams, earlier = rng.binomial(now, np.minimum(taste * lift, 1)), rng.binomial(before, taste)
    return np.column_stack([np.ones(users), streams, now, earlier, before]).astype(float)


@pytest.mark.filterwarnings("ignore")
def test_the_standard_error_is_that_of_cluster_experiments():
    control, treatment = random_users(1), random_users(2, lift=1.3)
    rows = pd.DataFrame(np.concatenate([control, treatment])[:, 1:3], columns=["target", "scale"])
    rows["user"], rows["treatment"] = range(len(rows)), ["A"] * len(control) + ["B"] * len(treatment)
    theirs = DeltaMethodAnalysis(cluster_cols=["user"]).get_inference_results(rows, alpha=0.05)
    arms = [products(values) for values in (control, treatment)]
    logs = [log_ratio(sums, RATIO) for sums in arms]
    ratios = [float(ratio_of(sums, RATIO)) for sums in arms]
    error = math.sqrt(sum(ratio**2 * log.variance for ratio, log in zip(ratios, logs, strict=True)))
    assert ratios[1] - ratios[0] == pytest.approx(theirs.ate)
    assert error == pytest.approx(theirs.std_error, rel=2 / len(control))  # theirs divides by n, ours by n - 1


def test_a_mean_over_users():
    change = log_change(arm((1,), (3,)), arm((2,), (6,)), MEAN)
    assert change.relative == pytest.approx(1.0)
    assert change.variance == pytest.approx(
        2 * (2 / 4 / 2)
    )  # variance 2 (8) of the values over the mean² 4 (16), over 2


def test_cuped_takes_away_what_the_days_before_explain():
    """A metric that repeats the days before: the difference that was there before is taken off, and nothing is left."""
    values = random_users(3)
    values[:, 1] = values[:, 3]
    change = log_change(products(values[:200]), products(values[200:]), MetricColumns(1, 0, (3,)))
    raw = log_change(products(values[:200]), products(values[200:]), MEAN)
    assert change.variance < 1e-3 * raw.variance
    assert abs(change.value) < 0.2 * abs(raw.value) + 1e-3


def test_cuped_keeps_the_mean_and_shrinks_the_spread():
    values = random_users(4, users=3000)
    rng = np.random.default_rng(0)
    plain, adjusted = [], []
    for _ in range(300):
        chosen = rng.random(len(values)) < 0.5
        arms = products(values[~chosen]), products(values[chosen])
        plain.append(log_change(*arms, MetricColumns(1, 0)).value)
        adjusted.append(log_change(*arms, MetricColumns(1, 0, (3, 4))))
    spread = np.std([change.value for change in adjusted])
    assert spread < 0.8 * np.std(plain)
    assert spread == pytest.approx(np.sqrt(np.mean([change.variance for change in adjusted])), rel=0.1)
    assert abs(np.mean([change.value for change in adjusted])) < 3 * spread / math.sqrt(300)


def test_covariates_that_do_not_vary_change_nothing():
    values = np.column_stack([random_users(5), np.zeros(400), np.ones(400)])
    arms = products(values[:200]), products(values[200:])
    same = log_change(*arms, MetricColumns(1, 2, (3, 5, 6)))
    expected = log_change(*arms, MetricColumns(1, 2, (3,)))
    assert same.value == pytest.approx(expected.value)
    assert same.variance == pytest.approx(expected.variance)


def test_no_streams_is_no_figure_and_no_warning():
    change = log_change(arm((0, 10), (0, 10)), arm((1, 10), (2, 10)), RATIO)
    assert math.isnan(change.relative)
    assert math.isnan(change.p_value)
    assert math.isnan(ratio_of(arm((1, 0), (2, 0)), RATIO))


@pytest.mark.parametrize(("control", "treatment", "spend"), [(944, 151, 0.076), (853, 2453, 0.671), (50, 60, 0.1)])
def test_rounding_is_no_change(control: int, treatment: int, spend: float):
    """Each user spends the same: the means of both arms differ in the last digit, and nothing varies."""
    change = log_change(arm(*[(spend,)] * control), arm(*[(spend,)] * treatment), MEAN)
    assert change.p_value > 0.99
    assert change.relative == pytest.approx(0, abs=1e-9)
    twice = log_change(arm(*[(1,)] * 9), arm(*[(2,)] * 9), MEAN)
    assert twice.p_value == 0, "here something changed"


@given(st.integers(0, 1000), st.floats(0.1, 10))
def test_swapped_arms_and_units_of_money_change_nothing(seed: int, price: float):
    control, treatment = random_users(seed, 60) + 0.5, random_users(seed + 1, 60) + 0.5
    control[:, 0] = treatment[:, 0] = 1
    forth = log_change(products(control), products(treatment), MetricColumns(1, 2, (3, 4)))
    back = log_change(products(treatment), products(control), MetricColumns(1, 2, (3, 4)))
    assert forth.value == pytest.approx(-back.value, abs=1e-9)
    assert forth.variance == pytest.approx(back.variance)
    scaled = log_change(products(control * [1, price, 1, price, 1]), products(treatment * [1, price, 1, price, 1]),
                        MetricColumns(1, 2, (3, 4)))  # fmt: skip
    assert scaled.value == pytest.approx(forth.value, abs=1e-8)
    assert scaled.variance == pytest.approx(forth.variance, rel=1e-6)


def test_many_tests_at_once_are_the_tests_one_by_one():
    arms = [products(random_users(seed)) for seed in range(4)]
    columns = MetricColumns(1, 2, (3, 4))
    together = log_change(np.stack(arms[:2]), np.stack(arms[2:]), columns)
    single = [log_change(arms[number], arms[number + 2], columns) for number in range(2)]
    assert together.value == pytest.approx([change.value for change in single])
    assert together.variance == pytest.approx([change.variance for change in single])
