"""Sums by group of users: the same however rows are split; groups: the same everywhere, and of nearly equal size."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from components.evaluation.user_sums import GROUPS, NO_USERS, UserSums, group_of, merge_sums, sums_of


def _ids(count: int) -> np.ndarray:
    return np.array([f"u{number:06d}".encode() for number in range(count)], object)


def _same(left: UserSums, right: UserSums) -> bool:
    return np.array_equal(left.predicted, right.predicted) and np.array_equal(left.positives, right.positives)


def test_sums_by_hand() -> None:
    sums = sums_of(np.array([3, 3, 7], np.int16), np.array([1, 0, 1]), np.array([0.5, 0.25, 0.125], np.float32))
    assert (sums.expected[3], sums.expected[7], sums.expected.sum()) == (0.75, 0.125, 0.875)
    assert (sums.positives[3], sums.positives[7], sums.positives.sum()) == (1, 1, 2)


def test_scores_that_are_not_finite_count_as_0() -> None:
    sums = sums_of(np.zeros(3, np.int16), np.ones(3), np.array([np.nan, np.inf, 0.5], np.float32))
    assert (sums.expected[0], sums.positives[0]) == (0.5, 3)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 400), max_size=4), st.randoms())
def test_any_split_and_order_of_the_rows_gives_the_same_bits(seed: int, cuts: list[int], order: Random) -> None:
    rng = np.random.default_rng(seed)
    groups, labels = rng.integers(0, GROUPS, 400).astype(np.int16), rng.integers(0, 2, 400)
    scores = rng.random(400, np.float32) ** 8
    parts = [sums_of(groups[at], labels[at], scores[at]) for at in np.split(rng.permutation(400), sorted(cuts))]
    order.shuffle(parts)
    whole = sums_of(groups, labels, scores)
    assert _same(merge_sums([NO_USERS, *parts]), whole)
    assert _same(merge_sums([merge_sums(parts[:1]), merge_sums([NO_USERS, *parts[1:]])]), whole)


def test_the_group_of_a_user_is_the_same_on_every_machine() -> None:
    assert group_of(np.array([b"u000001", b"u000002", b"", "\u65e5".encode()], object)).tolist() == [33, 155, 0, 186]


def test_groups_are_of_nearly_equal_size() -> None:
    for ids in (_ids(50_000), np.array([str(number).encode() for number in range(50_000)], object)):
        sizes = np.bincount(group_of(ids), minlength=GROUPS)
        assert sizes.min() > 0.5 * 50_000 / GROUPS
        assert sizes.max() < 1.5 * 50_000 / GROUPS
