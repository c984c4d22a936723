"""The curve: scikit-learn's average precision, whatever the split and order of merging."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

import models.metrics.average_precision
from components.evaluation.curve import EMPTY, ScoreCurve, average_precision, from_rows, merge

NO_LIMIT = 10**9
LEAST = 50_000  # the least `max_scores` that the config accepts


def _world(rows: int, base_rate: float, seed: int, decimals: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.random(rows) < base_rate
    logits = rng.normal(size=rows) + 1.2 * labels + np.log(base_rate)
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return labels, scores if decimals is None else np.round(scores, decimals).astype(np.float32)


def _same(left: ScoreCurve, right: ScoreCurve) -> bool:
    return left.bits == right.bits and all(
        np.array_equal(getattr(left, name), getattr(right, name)) for name in ("scores", "positives", "negatives")
    )


def test_hand_computed_with_a_tie() -> None:
    # Descending: 0.9 (+), 0.5 (+ and -), 0.1 (-): 1/2 x 1/1 + 1/2 x 2/3.
    labels, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1])
    assert average_precision(from_rows(labels, scores, NO_LIMIT)) == pytest.approx(0.5 + 0.5 * 2 / 3)


@pytest.mark.parametrize("base_rate", [0.001, 0.005, 0.05, 0.5])
@pytest.mark.parametrize("decimals", [None, 4, 2])
def test_exact_curve_equals_scikit_learn(base_rate: float, decimals: int | None) -> None:
    labels, scores = _world(50_000, base_rate, seed=1, decimals=decimals)
    curve = from_rows(labels, scores, NO_LIMIT)
    assert curve.exact
    assert average_precision(curve) == pytest.approx(average_precision_score(labels, scores), rel=1e-6)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12).map(lambda score: score / 12)), max_size=80))
def test_training_and_evaluation_compute_the_same_average_precision(rows: list[tuple[bool, float]]) -> None:
    labels, scores = np.array([label for label, _ in rows], np.int8), np.array([score for _, score in rows], np.float32)
    expected = models.metrics.average_precision.average_precision(labels, scores)
    assert average_precision(from_rows(labels, scores, NO_LIMIT)) == (expected and pytest.approx(expected, rel=1e-12))


@pytest.mark.parametrize("base_rate", [0.001, 0.005, 0.05])
@pytest.mark.parametrize("spread", ["near 0", "ten per cent apart", "one octave of thirty"])
def test_summarised_curve_is_within_a_thousandth(base_rate: float, spread: str) -> None:
    labels, scores = _world(600_000, base_rate, seed=3)
    if spread == "ten per cent apart":
        scores = (0.001 + 0.0001 * scores / scores.max()).astype(np.float32)
    if spread == "one octave of thirty":
        scores = 0.5 + 0.5 * scores / scores.max()
        scores[::2] *= np.float32(2) ** -np.random.default_rng(1).integers(1, 30, 300_000)
    curve = from_rows(labels, scores, LEAST)
    assert not curve.exact
    assert LEAST // 4 < curve.scores.size <= LEAST
    assert average_precision(curve) == pytest.approx(average_precision_score(labels, scores), rel=1e-3)


def test_without_positives_there_is_no_average_precision() -> None:
    assert average_precision(EMPTY) is None
    assert average_precision(from_rows(np.zeros(3), np.array([0.1, 0.2, 0.3]), NO_LIMIT)) is None


def test_scores_that_are_not_numbers_rank_last() -> None:
    curve = from_rows(np.array([1, 0, 1]), np.array([0.5, np.nan, np.nan]), NO_LIMIT)
    assert average_precision(curve) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


@settings(max_examples=200)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.floats(0, 1, width=32) | st.floats(0, 2**-10, width=32)), min_size=1, max_size=60
    ),
    cuts=st.lists(st.integers(0, 60), max_size=5),
    order=st.randoms(use_true_random=False),
    limit=st.sampled_from([2, 5, 20, NO_LIMIT]),
)
def test_any_split_and_order_of_merging_gives_the_same_curve(rows, cuts, order, limit) -> None:
    labels, scores = np.array([label for label, _ in rows]), np.array([score for _, score in rows], np.float32)
    whole = from_rows(labels, scores, limit)
    at = sorted(min(cut, len(rows)) for cut in cuts)
    parts = [from_rows(*part, limit) for part in zip(np.split(labels, at), np.split(scores, at), strict=True)]
    order.shuffle(parts)
    one_by_one = EMPTY
    for part in parts:
        one_by_one = merge([one_by_one, part], limit)
    half = len(parts) // 2
    as_a_tree = merge([merge(parts[:half], limit), merge(parts[half:], limit)], limit)
    assert _same(whole, merge(parts, limit))
    assert _same(whole, one_by_one)
    assert _same(whole, as_a_tree)
    assert whole.positives.sum() == labels.sum()
    assert (whole.positives + whole.negatives).sum() == len(rows)
    assert (np.diff(whole.scores) > 0).all()
