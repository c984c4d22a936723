"""Grouped counts and draws, by hand and by law."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulation.arrays import group_starts, rank_in_group, running_sum, sigmoid
from simulation.pools import pools
from simulation.randomness import Purpose, choice, generator, inverse, systematic


def test_by_hand() -> None:
    groups = np.array([5, 2, 5, 5, 2])
    assert rank_in_group(groups).tolist() == [0, 0, 1, 2, 1]
    assert running_sum(np.array([1, 10, 2, 3, 20]), groups).tolist() == [1, 10, 3, 6, 30]
    assert group_starts(np.array([2, 2, 5, 5, 5, 9])).tolist() == [0, 0, 2, 2, 2, 5]
    np.testing.assert_allclose(sigmoid(np.array([0.0, -1000.0, np.log(3.0)])), [0.5, 0.0, 0.75], atol=1e-20)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-9, 9)), max_size=40))
def test_grouped_counts_agree_with_loops(rows: list[tuple[int, int]]) -> None:
    groups = np.array([group for group, _ in rows], np.int64)
    values = np.array([value for _, value in rows], np.int64)
    ranks = [sum(other == group for other, _ in rows[:at]) for at, (group, _) in enumerate(rows)]
    sums = [sum(value for other, value in rows[: at + 1] if other == group) for at, (group, _) in enumerate(rows)]
    assert rank_in_group(groups).tolist() == ranks
    assert running_sum(values, groups).tolist() == sums


def test_inverse_picks_by_weight() -> None:
    uniform = np.array([0.0, 0.24, 0.26, 0.49, 0.51, 0.999_999])
    assert inverse(np.array([1.0, 1.0, 0.0, 2.0]), uniform).tolist() == [0, 0, 1, 1, 3, 3]


@given(st.integers(0, 1000), st.lists(st.floats(0.01, 0.99), min_size=1, max_size=60))
def test_systematic_sampling_is_even_along_the_array(seed: int, inclusion: list[float]) -> None:
    chosen = systematic(np.random.default_rng(seed), np.array(inclusion))
    counts = np.cumsum(np.isin(np.arange(len(inclusion)), chosen))
    assert (np.abs(counts - np.cumsum(inclusion)) <= 1 + 1e-9).all()


def test_generators_of_different_purposes_and_days_differ() -> None:
    draws = {
        generator(seed, purpose, day).integers(0, 2**62)
        for seed in (0, 1)
        for purpose in (Purpose.ADS, Purpose.LISTENING)
        for day in (0, 1)
    }
    assert len(draws) == 8


def test_choice_follows_the_weights() -> None:
    drawn = choice(np.random.default_rng(0), np.array([1.0, 3.0]), 40_000)
    assert abs(drawn.mean() - 0.75) < 0.01


def test_a_group_without_members_draws_from_all() -> None:
    drawn = pools(np.array([[True, True, False], [False, False, False]]), np.array([1.0, 0.0, 1.0]))
    assert drawn.draw(np.random.default_rng(0), np.array([0, 1, 1]), 4).tolist() == [[0] * 4] * 3
