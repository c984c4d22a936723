"""The interval covers the population's average precision about 95 times in 100, at our base rates too."""

import numpy as np
import pytest

from components.evaluation.curve import EMPTY, average_precision, from_rows
from components.evaluation.interval import interval

NO_LIMIT = 10**9


def _draw(rng: np.random.Generator, rows: int, base_rate: float, shift: float) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.random(rows) < base_rate
    return labels, rng.normal(size=rows) + shift * labels


@pytest.mark.parametrize(
    ("base_rate", "shift", "positives"),
    [(0.002, 1.5, 40), (0.005, 1.0, 20), (0.05, 0.3, 50), (0.05, 1.0, 100), (0.05, 2.0, 20), (0.3, 3.0, 20)],
)
def test_coverage(base_rate: float, shift: float, positives: int) -> None:
    rng = np.random.default_rng(7)
    population = average_precision(from_rows(*_draw(rng, 2_000_000, base_rate, shift), NO_LIMIT))
    covered = []
    for _ in range(200):
        low, high = interval(from_rows(*_draw(rng, int(positives / base_rate), base_rate, shift), NO_LIMIT))
        covered.append(low <= population <= high)
    assert 0.9 <= np.mean(covered) <= 0.995


def test_it_is_narrower_than_the_binomial_interval_where_precisions_are_near_ap() -> None:
    labels, scores = _draw(np.random.default_rng(1), 8_000, 0.05, 0.3)
    curve = from_rows(labels, scores, NO_LIMIT)
    low, high = interval(curve)
    ap, count = average_precision(curve), labels.sum()
    binomial = 2 * 1.96 * np.sqrt(ap * (1 - ap) / count)
    assert low < ap < high
    assert high - low < 0.7 * binomial


def test_a_duplicated_sample_has_an_interval_narrower_by_the_root_of_two() -> None:
    labels, scores = _draw(np.random.default_rng(2), 20_000, 0.05, 1.0)
    low, high = interval(from_rows(labels, scores, NO_LIMIT))
    low2, high2 = interval(from_rows(np.tile(labels, 2), np.tile(scores, 2), NO_LIMIT))
    assert (high - low) / (high2 - low2) == pytest.approx(np.sqrt(2), rel=0.03)


def test_the_variance_is_the_jackknife_s() -> None:
    rng = np.random.default_rng(3)
    labels, scores = _draw(rng, 3_000, 0.1, 1.0)
    ap = average_precision(from_rows(labels, scores, NO_LIMIT))
    kept = np.ones(len(labels), bool)
    without = []
    for row in range(len(labels)):
        kept[row] = False
        without.append(average_precision(from_rows(labels[kept], scores[kept], NO_LIMIT)))
        kept[row] = True
    jackknife = np.sqrt((len(labels) - 1) * np.var(without))
    low, high = interval(from_rows(labels, scores, NO_LIMIT))
    assert (high - low) / (2 * 1.96) == pytest.approx(jackknife, rel=0.05)
    assert low < ap < high


def test_no_positives_no_interval_and_one_positive_says_nothing() -> None:
    assert interval(EMPTY) is None
    assert interval(from_rows(np.zeros(5), np.arange(5), NO_LIMIT)) is None
    assert interval(from_rows(np.eye(5)[0], np.arange(5), NO_LIMIT)) == (0.0, 1.0)


def test_a_perfect_ranking_has_an_interval_too() -> None:
    low, high = interval(from_rows(np.arange(1000) < 20, -np.arange(1000.0), NO_LIMIT))
    assert 0.5 < low < 0.99
    assert high == 1.0
