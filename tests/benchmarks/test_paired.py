import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from benchmarks.paired import Ranked, paired


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40).filter(
        lambda rows: any(label and weight for label, _, weight in rows)
    )
)
def test_weighted_ap_is_that_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    labels, scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    expected = average_precision_score(labels, scores, sample_weight=weights)
    assert Ranked(labels, scores.astype(float)).ap(weights.astype(float)) == pytest.approx(expected)


def test_by_hand() -> None:
    labels, users = np.array([1, 0, 1, 0]), np.array(["a", "b", "a", "c"])
    perfect, worst = np.array([4.0, 1.0, 3.0, 2.0]), np.array([1.0, 4.0, 2.0, 3.0])
    pair = paired(labels, users, [perfect, worst], [worst], replicates=200)
    # The worst ranking has its positives at places 3 and 4: (1/3 + 2/4) / 2 = 5/12.
    assert pair.ours == pytest.approx((1 + 5 / 12) / 2)
    assert pair.theirs == pytest.approx(5 / 12)
    assert pair.difference == pytest.approx(7 / 24)
    assert 0.0 <= pair.low <= pair.difference <= pair.high


def test_a_model_does_not_differ_from_itself() -> None:
    rng = np.random.default_rng(0)
    labels, scores, users = rng.integers(0, 2, 200), rng.random(200), rng.integers(0, 20, 200)
    pair = paired(labels, users, [scores], [scores], replicates=50)
    assert (pair.difference, pair.low, pair.high) == (0.0, 0.0, 0.0)


def test_rows_of_one_user_are_drawn_together() -> None:
    rng = np.random.default_rng(0)
    labels, ours, theirs = rng.integers(0, 2, 300), rng.random(300), rng.random(300)
    apart = paired(labels, np.arange(300), [ours], [theirs])
    repeated = [np.tile(values, 4) for values in (labels, np.arange(300), ours, theirs)]
    clustered = paired(repeated[0], repeated[1], [repeated[2]], [repeated[3]])
    as_rows = paired(repeated[0], np.arange(1200), [repeated[2]], [repeated[3]])
    assert clustered.high - clustered.low == pytest.approx(apart.high - apart.low, rel=0.15)
    assert as_rows.high - as_rows.low < 0.6 * (clustered.high - clustered.low)
