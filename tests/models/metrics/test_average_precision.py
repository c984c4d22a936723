import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from models.metrics.average_precision import average_precision


def test_average_precision_by_hand() -> None:
    # Ranks 1 and 3 hit: (1/1 + 2/3) / 2.
    assert average_precision(np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx(5 / 6)


def test_equal_scores_enter_together() -> None:
    # One threshold holds all three: precision 1/3 at recall 1, whatever their order.
    assert average_precision(np.array([1, 0, 0]), np.array([0.5, 0.5, 0.5])) == pytest.approx(1 / 3)


def test_without_positives_there_is_no_ap() -> None:
    assert average_precision(np.array([0, 0]), np.array([0.1, 0.2])) is None
    assert average_precision(np.array([]), np.array([])) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=60))
def test_agrees_with_scikit_learn(examples: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in examples], np.int8)
    scores = np.array([score / 8 for _, score in examples], np.float32)
    if labels.any():
        assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), rel=1e-12)


def test_agrees_with_scikit_learn_at_a_base_rate_of_a_thousandth() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random(50_000) < 1e-3).astype(np.int8)
    scores = (rng.beta(1, 200, 50_000) + labels * 1e-3).astype(np.float32)
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), rel=1e-9)
