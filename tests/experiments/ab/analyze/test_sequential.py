import math

import numpy as np
import pytest

from experiments.ab.analyze.sequential import always_valid


def test_by_hand():
    """D = 0.2, v = 0.01, t = 0.1: ratio = sqrt(0.01 / 0.02) exp(0.04 * 0.01 / (2 * 0.01 * 0.02)) = 0.7071 * e."""
    look = always_valid(np.array([0.2]), np.array([0.01]), 0.1)
    assert look.p_value[0] == pytest.approx(1 / (math.sqrt(0.5) * math.e))
    half = math.sqrt(0.01 * 0.02 / 0.01 * (2 * math.log(20) + math.log(2)))
    assert (look.low[0], look.high[0]) == pytest.approx((math.exp(0.2 - half) - 1, math.exp(0.2 + half) - 1))


@pytest.mark.parametrize("value", [0.1, 0.3, -0.4])
def test_p_is_below_0_05_where_the_interval_excludes_0(value: float):
    for variance in np.geomspace(1e-4, 1, 50):
        look = always_valid(np.array([value]), np.array([variance]), 0.1)
        assert (look.p_value[0] < 0.05) == (look.low[0] > 0 or look.high[0] < 0)


def test_p_never_rises_and_looks_without_enough_data_do_not_count():
    looks = always_valid(np.array([np.nan, 0.5, 0.1, np.nan]), np.array([0.1, 0.01, 0.01, 0.01]), 0.1)
    assert np.isnan(looks.p_value[0])
    assert np.isnan(looks.low[[0, 3]]).all()
    assert looks.p_value[1] == looks.p_value[2] == looks.p_value[3]


def test_who_looks_a_hundred_times_is_wrong_in_at_most_5_percent():
    """Means of more and more normal values without an effect: a plain 5 % test would reject in a third of the tests."""
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(2000, 100))
    looks = np.arange(1, 101)
    means = np.cumsum(steps, axis=1) / looks
    plain = (np.abs(means) * np.sqrt(looks) > 1.96).any(axis=1).mean()
    valid = np.mean([always_valid(mean, 1 / looks, 0.3).p_value[-1] < 0.05 for mean in means])
    assert plain > 0.25
    assert valid < 0.05
