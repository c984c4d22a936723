"""The points of the curves, by hand and beside scikit-learn."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import precision_recall_curve

from components.evaluation.scores import Scores
from components.report.curves import TIERS, curves_of, histogram, precision_recall, reliability
from tests.components.report.example import example_scores


def test_a_reliability_curve_has_bins_of_equal_sums_of_predictions():
    predictions = np.repeat([0.1, 0.4], [400, 100])  # sums of 40 each, so five bins of either kind
    labels = np.zeros(500, int)
    labels[:400:8] = 1  # 50 outcomes where 40 are expected
    labels[400::2] = 1  # 50 where 40 are expected
    points = list(reliability(predictions, labels, np.arange(500, dtype=np.int16) % 256))
    assert sum(point.examples for point in points) == 500
    rare = [point.examples for point in points if point.predicted == pytest.approx(0.1)]
    assert rare == pytest.approx([80] * 5, abs=1)
    assert points[0].observed == pytest.approx(1 / 8, abs=0.015)
    assert points[-1].observed == pytest.approx(1 / 2, abs=0.03)
    assert all(point.low < point.observed < point.high for point in points)


def test_bins_without_an_outcome_have_no_interval():
    (point,) = reliability(np.array([0.2]), np.array([0]), np.array([0], np.int16))
    assert (point.predicted, point.observed, point.low, point.high, point.positives) == (0.2, 0, None, None, 0)


def test_predictions_of_zero_are_one_bin():
    (point,) = reliability(np.zeros(4), np.array([0, 1, 0, 0]), np.arange(4, dtype=np.int16))
    assert (point.predicted, point.observed, point.examples) == (0, 0.25, 4)


def test_precision_and_recall_are_scikit_learns_at_each_positive():
    random = np.random.default_rng(1)
    predictions, labels = random.integers(0, 30, 300) / 30, random.integers(0, 2, 300)
    precisions, recalls, _ = precision_recall_curve(labels, predictions)
    expected = set(zip(recalls.round(9), precisions.round(9), strict=True))
    points = list(precision_recall(predictions, labels))
    assert {(round(recall, 9), round(precision, 9)) for recall, precision in points} <= expected
    assert points[-1][0] == 1
    assert len(points) <= 100


def test_without_positives_there_is_no_precision():
    assert list(precision_recall(np.array([0.1, 0.2]), np.array([0, 0]))) == []


def test_a_histogram_has_the_shares_of_both_outcomes():
    points = list(histogram(np.array([0.5, 0.5, 0.01, 1.0, 0.0]), np.array([1, 1, 0, 1, 0])))
    without, with_ = (sum(point[place] for point in points) for place in (1, 2))
    assert (without, with_) == pytest.approx((1, 1))
    assert max(points, key=lambda point: point[2])[0] == pytest.approx(0.5, rel=0.25)


def test_each_head_has_curves_of_the_rows_of_each_source():
    curves = list(curves_of(example_scores(1, 0.5)))
    assert [(curve.head, curve.source) for curve in curves] == [
        (head, source) for head in ("stream", "click") for source in ("promotion", "ad")
    ]
    assert {sum(point.examples for point in curve.reliability) for curve in curves} == {300}


def test_reliability_by_tiers_has_the_rows_of_these_tiers_and_says_which_have_too_few_outcomes():
    scores = example_scores(1, 0.5)
    ads = scores.rows.filter(source="ad")
    curve = next(curve for curve in curves_of(scores) if (curve.head, curve.source) == ("click", "ad"))
    sizes = {of_tiers.tiers: sum(point.examples for point in of_tiers.reliability) for of_tiers in curve.by_tiers}
    assert sizes == {name: ads.filter(pl.col("stream_tier").is_between(*tiers)).height for name, tiers in TIERS.items()}
    assert [of_tiers.judged for of_tiers in curve.by_tiers] == [True, True, True]
    strict = Scores(replace(scores.about, min_positives=1000), scores.rows)
    assert not any(of_tiers.judged for curve in curves_of(strict) for of_tiers in curve.by_tiers)
