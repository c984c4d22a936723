"""Calibration: what is fitted, what it must not change, and what happens without enough outcomes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

import models.calibration
from models.calibration import IDENTITY, Calibration, calibrate, fit
from models.export.savedmodel import calibrated
from models.metrics.average_precision import average_precision
from tests.models.prepared import RECIPES, random_rows


def _draw(seed: int, rows: int, scale: float = 1.0, bias: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels whose true log-odds are scale * logit + bias."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-3, 1.5, rows).astype(np.float32)
    return logits, (rng.random(rows) < expit(scale * logits + bias)).astype(np.int8)


def _probabilities(calibration: Calibration, logits: np.ndarray) -> np.ndarray:
    return expit(calibration.scale * logits.astype(np.float64) + calibration.bias)


def test_two_groups_of_rows_get_their_own_rates() -> None:
    # At logit 0, 100 of 200 rows are positive: bias 0. At logit 1, 150 of 200: scale + bias = log 3.
    logits = np.repeat(np.array([0, 1], np.float32), 200)
    labels = np.repeat([0, 1, 0, 1], [100, 100, 50, 150])
    calibration = fit(logits, labels)
    assert calibration.note is None
    assert calibration.scale == pytest.approx(np.log(3), abs=1e-6)
    assert calibration.bias == pytest.approx(0, abs=1e-6)


def test_the_fit_is_that_of_scikit_learn() -> None:
    logits, labels = _draw(1, 20_000, 0.6, -0.5)
    theirs = LogisticRegression(penalty=None, tol=1e-10).fit(logits[:, None].astype(np.float64), labels)
    ours = fit(logits, labels)
    assert ours.scale == pytest.approx(theirs.coef_[0, 0], rel=1e-4)
    assert ours.bias == pytest.approx(theirs.intercept_[0], rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 3), st.floats(-3, 3), st.integers(100, 4000))
def test_the_predictions_add_up_to_the_outcomes_wherever_something_is_fitted(
    seed: int, scale: float, bias: float, rows: int
) -> None:
    logits, labels = _draw(seed, rows, scale, bias)
    calibration = fit(logits, labels)
    assert calibration.scale > 0
    if calibration.bias:
        assert _probabilities(calibration, logits).sum() == pytest.approx(labels.sum(), rel=1e-4)
    else:
        assert min(labels.sum(), rows - labels.sum()) < 10


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 3), st.floats(-3, 3))
def test_the_exported_graph_keeps_the_ranking_with_its_ties(seed: int, scale: float, bias: float) -> None:
    logits, labels = _draw(seed, 1000, scale, bias)
    logits = np.round(logits, 3)  # with ties
    probabilities = calibrated(tf.constant(logits), fit(logits, labels)).numpy()
    assert probabilities.dtype == np.float32
    np.testing.assert_array_equal(
        np.unique(probabilities, return_inverse=True)[1], np.unique(logits, return_inverse=True)[1]
    )
    if labels.any():
        assert average_precision(labels, probabilities) == average_precision(labels, logits)


def test_a_scale_that_would_make_scores_equal_is_left_out() -> None:
    rng = np.random.default_rng(7)
    logits = rng.normal(-3, 1.5, 400_000).astype(np.float32)
    labels = rng.random(len(logits)) < expit(0.01 * logits)
    calibration = fit(logits, labels)
    assert calibration.scale == 1.0
    assert calibration.note == "gets a bias alone: a scale of 0.009 would make scores equal"
    assert _probabilities(calibration, logits).sum() == pytest.approx(labels.sum(), rel=1e-6)


def test_a_fit_that_fails_gives_a_bias_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = models.calibration.minimize

    def stuck(loss: Any, start: np.ndarray, **options: Any) -> Any:
        return OptimizeResult(x=start) if len(start) == 2 else whole(loss, start, **options)

    monkeypatch.setattr(models.calibration, "minimize", stuck)
    logits, labels = _draw(1, 5000, 0.6, -0.5)
    calibration = fit(logits, labels)
    assert (calibration.scale, calibration.note) == (1.0, "gets a bias alone: no scale could be fitted")
    assert _probabilities(calibration, logits).sum() == pytest.approx(labels.sum(), rel=1e-6)


def test_the_same_rows_give_the_same_bits() -> None:
    logits, labels = _draw(2, 5000, 0.7, 0.3)
    assert fit(logits, labels) == fit(logits.copy(), labels.copy())


@pytest.mark.parametrize(("positives", "negatives"), [(0, 500), (500, 0), (9, 500), (500, 9), (0, 0)])
def test_too_few_outcomes_leave_the_probabilities_as_they_are(positives: int, negatives: int) -> None:
    labels = np.repeat([1, 0], [positives, negatives])
    calibration = fit(np.linspace(-4, 1, len(labels)), labels)
    assert (calibration.scale, calibration.bias) == (1.0, 0.0)
    assert calibration.note == f"keeps its probabilities: {positives} positives, {negatives} negatives in validation"


def test_few_outcomes_give_a_bias_alone() -> None:
    logits = np.full(80, np.log(0.5), np.float32)  # p = 1/3 everywhere, but 40 of 80 are positive: log-odds 0
    calibration = fit(logits, np.repeat([1, 0], 40))
    assert calibration.scale == 1.0
    assert calibration.bias == pytest.approx(np.log(2), abs=1e-6)
    assert calibration.note == "gets a bias alone: 40 positives, 40 negatives in validation"


@pytest.mark.parametrize(
    ("of_positives", "of_negatives", "reason"),
    [
        ((1, 2), (-3, 0), "part positives from negatives"),  # the likelihood rises with the scale, without end
        ((1, 1), (1, 1), "its scores are all the same"),  # they say nothing about a scale
        ((-3, 1), (-1, 3), "rank no better than chance"),
    ],
)
def test_a_scale_that_cannot_be_fitted_is_left_out(
    of_positives: tuple[float, float], of_negatives: tuple[float, float], reason: str
) -> None:
    logits = np.concatenate([np.linspace(*of_positives, num=100), np.linspace(*of_negatives, num=300)])
    labels = np.repeat([1, 0], [100, 300])
    calibration = fit(logits, labels)
    assert calibration.scale == 1.0
    assert calibration.note is not None
    assert calibration.note.endswith(reason)
    assert _probabilities(calibration, logits).sum() == pytest.approx(100, rel=1e-6)


def test_each_head_is_calibrated_on_the_sources_that_it_is_measured_on() -> None:
    recipe, rows = RECIPES["joint"], random_rows(500, 1500, seed=5)
    logits = {head: np.random.default_rng(6).normal(-1, 1, 2000).astype(np.float32) for head in recipe.heads}
    of_ads, of_promotions = rows.of("ad"), rows.of("promotion")
    stream = rows.label("stream")
    calibrations = calibrate(recipe, logits, rows)
    assert tuple(calibrations) == recipe.heads
    assert calibrations["ad_stream"] == fit(logits["ad_stream"][of_ads], stream[of_ads])
    assert calibrations["promotion_stream"] == fit(logits["promotion_stream"][of_promotions], stream[of_promotions])
    assert calibrations["click"] == fit(logits["click"], rows.label("click"))
    blank = replace(rows, labels=np.zeros_like(rows.labels))
    assert {calibration.scale for calibration in calibrate(recipe, logits, blank).values()} == {IDENTITY.scale}
