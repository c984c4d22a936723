"""Expected over observed outcomes: the ratio by hand, and an interval that holds the truth as often as it says."""

import numpy as np
import pytest

from components.evaluation.calibration import Ratio, expected_over_observed
from components.evaluation.user_sums import GROUPS, NO_USERS, UserSums, sums_of


def _sums(predicted: list[float], positives: list[int]) -> UserSums:
    """The sums of one row a prediction, each of a group of its own, and positives at will."""
    groups = np.arange(len(predicted), dtype=np.int16)
    sums = sums_of(groups, np.zeros(len(predicted)), np.array(predicted))
    return UserSums(sums.predicted, np.pad(positives, (0, GROUPS - len(positives))))


def test_the_ratio_and_its_interval_by_hand() -> None:
    student = 12.7062047  # 97.5 % point with 1 degree of freedom
    # E = 1, O = 1, R = 1: residuals 0.75 - 1 and 0.25 - 0, so the variance is 2 / 1 * (0.25**2 + 0.25**2) / 1 = 0.25.
    factor = np.exp(student * 0.5)
    assert expected_over_observed(_sums([0.75, 0.25], [1, 0])) == pytest.approx((1, 1 / factor, factor), rel=1e-6)
    # E = 2, O = 4, R = 0.5: each group has the same ratio, so nothing is uncertain.
    assert expected_over_observed(_sums([0.5, 0.5, 1.0], [1, 1, 2])) == pytest.approx((0.5, 0.5, 0.5))


def test_without_outcomes_there_is_no_ratio_and_with_a_single_group_no_interval() -> None:
    assert expected_over_observed(NO_USERS) == Ratio()
    assert expected_over_observed(_sums([0.5, 0.5], [0, 0])) == Ratio()
    assert expected_over_observed(_sums([0.5], [2])) == Ratio(0.25)
    assert expected_over_observed(_sums([0.0, 0.0], [1, 1])) == Ratio(0.0)


def test_the_interval_counts_users_and_not_rows() -> None:
    """Users with many rows answer alike. Intervals by user hold the true ratio, intervals by row do not."""
    rng = np.random.default_rng(0)
    by_user, by_row = 0, 0
    trials = 400
    for _ in range(trials):
        rows = rng.geometric(1 / 40, 500)
        user = np.repeat(np.arange(500), rows)
        rate = rng.beta(1, 9, 500)  # of a mean of 0.1, which is what the model predicts
        labels = rng.random(len(user)) < rate[user]
        scores = np.full(len(user), 0.1)
        groups = rng.integers(0, GROUPS, 500).astype(np.int16)
        grouped = expected_over_observed(sums_of(groups[user], labels, scores))
        single = expected_over_observed(sums_of(rng.integers(0, GROUPS, len(user)).astype(np.int16), labels, scores))
        by_user += grouped.low < 1 < grouped.high
        by_row += single.low < 1 < single.high
    assert 0.92 * trials < by_user < 0.98 * trials
    assert by_row < 0.75 * trials
