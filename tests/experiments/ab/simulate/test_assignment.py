"""Users are split by a hash of seed and id."""

import numpy as np

from experiments.ab.simulate.assignment import arms_of

_IDS = [f"user-{number:07d}" for number in range(4_000)]


def test_arms_are_even_and_independent_of_other_seeds() -> None:
    first, second = arms_of(_IDS, 7, 2), arms_of(_IDS, 8, 2)
    assert abs(first.mean() - 0.5) < 0.03
    assert abs((first == second).mean() - 0.5) < 0.03


def test_an_arm_depends_on_nothing_but_seed_and_id() -> None:
    np.testing.assert_array_equal(arms_of(_IDS, 7, 3)[100:], arms_of(_IDS[100:], 7, 3))
