"""Turns the scores of trained heads into probabilities that bids and pacing can rely on (docs/model.md#calibration).

Platt scaling (Platt 1999, "Probabilistic outputs for support vector machines and comparisons to regularized likelihood
methods"): each head gets p = sigmoid(scale * logit + bias) with a scale of at least `SMALLEST_SCALE`, so that no
ranking changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from models.prepared_rows import PreparedRows
from models.recipes import Recipe

FEWEST_FOR_BIAS = 10
"""Positives, and negatives, that a bias needs: with fewer, chance moves it by more than a third."""

FEWEST_FOR_SCALE = 50
"""Positives, and negatives, that a scale needs too."""

SMALLEST_SCALE = 0.05
"""The exported graph has float32: with a smaller scale, scores that differ could become equal probabilities."""

_CONVERGED = 1e-6
"""The greatest slope of the loss at its minimum."""


@dataclass(frozen=True)
class Calibration:
    """p = sigmoid(scale * logit + bias) of one head.

    Attributes:
        scale: above 0; 1 / temperature.
        bias: in units of the scaled logit.
        note: why the head lacks a scale, or both, as text after its name; None if both were fitted, or none was wanted.
    """

    scale: float = 1.0
    bias: float = 0.0
    note: str | None = None


IDENTITY = Calibration()
"""Leaves the probabilities as they are."""


def calibrate(recipe: Recipe, logits: Mapping[str, np.ndarray], rows: PreparedRows) -> dict[str, Calibration]:
    """The calibration of each head of a recipe, fitted on the rows of the sources that the head is measured on.

    Args:
        recipe: gives the heads and their sources (`sources_of`).
        logits: float32 `[n]` by head.
        rows: the scored rows, which were not trained on.
    """
    calibrations = {}
    for task in recipe.tasks:
        codes = [rows.source_names.index(source) for source in recipe.sources_of(task.name)]
        measured = np.isin(rows.source, codes)
        calibrations[task.name] = fit(logits[task.name][measured], rows.label(task.label)[measured])
    return calibrations


def fit(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """The most likely scale and bias; with both, and with a bias alone, the predictions add up to the outcomes.

    A head keeps its probabilities if there are too few positives or negatives. It gets a bias alone if there are few of
    them, if all scores are the same, if a score separates them (then the likelihood has no maximum), if the fit fails,
    or if the scale would reverse the ranking or make scores equal.

    Args:
        logits: finite floats, `[n]`.
        labels: 0 or 1, `[n]`.
    """
    positive = labels.astype(bool)
    positives = int(positive.sum())
    negatives = len(positive) - positives
    fewest, counts = min(positives, negatives), f"{positives:,} positives, {negatives:,} negatives in validation"
    x, y = logits.astype(np.float64), positive.astype(np.float64)
    if fewest < FEWEST_FOR_BIAS:
        return Calibration(note=f"keeps its probabilities: {counts}")
    if fewest < FEWEST_FOR_SCALE:
        return Calibration(1.0, _bias(x, y), f"gets a bias alone: {counts}")
    if x.min() == x.max():
        return Calibration(1.0, _bias(x, y), "gets a bias alone: its scores are all the same")
    if x[positive].min() >= x[~positive].max():
        return Calibration(1.0, _bias(x, y), "gets a bias alone: its scores part positives from negatives")
    both = _most_likely(np.stack([x, np.ones_like(x)], axis=1), y, np.zeros_like(x))
    if both is None:
        return Calibration(1.0, _bias(x, y), "gets a bias alone: no scale could be fitted")
    scale, bias = both
    if scale <= 0:
        return Calibration(1.0, _bias(x, y), "gets a bias alone: its scores rank no better than chance")
    if scale < SMALLEST_SCALE:
        return Calibration(1.0, _bias(x, y), f"gets a bias alone: a scale of {scale:.1g} would make scores equal")
    return Calibration(scale, bias)


def _bias(x: np.ndarray, y: np.ndarray) -> float:
    bias = _most_likely(np.ones((len(x), 1)), y, x)
    return bias[0] if bias else 0.0


def _most_likely(design: np.ndarray, y: np.ndarray, offset: np.ndarray) -> list[float] | None:
    """The coefficients of a logistic regression, by Newton steps in a trust region; None if they fail.

    The loss is convex.

    Args:
        design: float64 `[n, k]`.
        y: 0 or 1, `[n]`.
        offset: added to the linear predictor, `[n]`.
    """

    def loss(coefficients: np.ndarray) -> float:
        z = design @ coefficients + offset
        return float(np.mean(np.logaddexp(0.0, z) - y * z))

    def gradient(coefficients: np.ndarray) -> np.ndarray:
        return design.T @ (expit(design @ coefficients + offset) - y) / len(y)

    def hessian(coefficients: np.ndarray) -> np.ndarray:
        p = expit(design @ coefficients + offset)
        return (design * (p * (1 - p))[:, None]).T @ design / len(y)

    start = np.zeros(design.shape[1])
    start[0] = float(design.shape[1] == 2)
    result = minimize(loss, start, jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-10})
    # Near the minimum, rounding may end the steps before `gtol`. The slope says whether they arrived.
    if not np.abs(gradient(result.x)).max() <= _CONVERGED:
        return None
    return [float(value) for value in result.x]
