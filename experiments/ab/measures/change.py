"""The relative change of a ratio metric between two arms, from sums of products over users.

A metric of an arm is R = mean(Y) / mean(N) over its users. Users are the units of randomisation, so they are
independent, and their impressions need not be. Changes are taken in logs, log R(treatment) - log R(control): the
interval of a relative change then never goes below -100 %, and it is the same whichever arm is called control.

- **Delta method** (Deng, Knoblich, Lu 2018, "Applying the delta method in metric analytics", section 3): user i moves
  log R by (Y_i / mean(Y) - N_i / mean(N)) / n, so the variance of log R is that of this value over users, over n.
- **CUPED** (Deng, Xu, Kohavi, Walker 2013, "Improving the sensitivity of online controlled experiments by utilizing
  pre-experiment data", here with several covariates): what users did before the test cannot depend on the arm, so a
  difference there is chance. The change loses the part of chance that these covariates X explain, b' (mean X(treatment)
  - mean X(control)), with the b of least variance.

All follows from one matrix an arm: the sum over users of the outer product of (1, Y, N, X...).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]

Z95 = float(norm.ppf(0.975))

_ROUNDING = 1e-18
"""The least variance of a change. Where all users are alike, rounding alone moves log R by about 1e-15."""


@dataclass(frozen=True)
class MetricColumns:
    """Where a metric's values stand among the columns of the matrices, whose column 0 is 1 for every user.

    Attributes:
        numerator, denominator: Y and N; N is 0 for a mean over users.
        covariates: X.
    """

    numerator: int
    denominator: int
    covariates: tuple[int, ...] = ()


@dataclass(frozen=True)
class LogChange:
    """Changes in logs, float64 [...]; NaN where a mean is 0.

    Attributes:
        value: log R(treatment) - log R(control).
        variance: of `value`.
    """

    value: Floats
    variance: Floats

    @property
    def relative(self) -> Floats:
        """R(treatment) / R(control) - 1."""
        return np.expm1(self.value)

    @property
    def interval(self) -> tuple[Floats, Floats]:
        """95 % interval of `relative`."""
        half = Z95 * np.sqrt(self.variance)
        return np.expm1(self.value - half), np.expm1(self.value + half)

    @property
    def p_value(self) -> Floats:
        """Two-sided: how often chance alone makes a change of this size."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * norm.sf(np.abs(self.value) / np.sqrt(self.variance))


@dataclass(frozen=True)
class LogRatio:
    """One arm's log R, float64 [...].

    Attributes:
        value: log R.
        variance: of `value`.
        covariates: means of X, [..., x].
        cross: covariance of `value` with them, [..., x].
        spread: their covariance, [..., x, x].
    """

    value: Floats
    variance: Floats
    covariates: Floats
    cross: Floats
    spread: Floats


def products(values: Floats) -> Floats:
    """The sum over users of outer products, [k, k], of `values` [users, k]; column 0 is 1."""
    return values.T @ values


def ratio_of(sums: Floats, columns: MetricColumns) -> Floats:
    """R, [...]; NaN without a denominator."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sums[..., 0, columns.numerator] / sums[..., 0, columns.denominator]
    return np.where(np.isfinite(ratio), ratio, np.nan)


def log_ratio(sums: Floats, columns: MetricColumns) -> LogRatio:
    """The log R of one arm, from `sums` [..., k, k] of `products`."""
    y, n, x = columns.numerator, columns.denominator, list(columns.covariates)
    users = sums[..., 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums[..., 0, :] / users[..., None]
        spread = sums / users[..., None, None] - mean[..., :, None] * mean[..., None, :]
        spread = spread / (users - 1)[..., None, None]  # of the means, without the bias of small arms
        up, down = 1 / mean[..., y], 1 / mean[..., n]
        value = np.log(mean[..., y] * down)
        moves = spread[..., y, :] * up[..., None] - spread[..., n, :] * down[..., None]
        variance = moves[..., y] * up - moves[..., n] * down
    bad = ~np.isfinite(value)
    value, variance = np.where(bad, np.nan, value), np.where(bad, np.nan, variance)
    return LogRatio(value, variance, mean[..., x], moves[..., x], spread[..., x, :][..., :, x])


def log_change(control: Floats, treatment: Floats, columns: MetricColumns) -> LogChange:
    """The change of a metric, from each arm's `products` [..., k, k]."""
    before, after = log_ratio(control, columns), log_ratio(treatment, columns)
    value, variance = after.value - before.value, after.variance + before.variance
    if columns.covariates:
        cross = np.nan_to_num(after.cross + before.cross)
        weights = _weights(np.nan_to_num(after.spread + before.spread), cross)
        value = value - np.sum(weights * (after.covariates - before.covariates), axis=-1)
        variance = variance - np.sum(weights * cross, axis=-1)
    return LogChange(value, np.maximum(variance, _ROUNDING))


def _weights(spread: Floats, cross: Floats) -> Floats:
    """The b of least variance: `spread` b = `cross`; covariates that do not vary, or repeat others, add nothing."""
    scale = np.sqrt(np.einsum("...ii->...i", spread))
    scale = np.where(scale > 0, scale, 1.0)
    alike = spread / (scale[..., :, None] * scale[..., None, :])
    inverse = np.linalg.pinv(alike, rcond=1e-9, hermitian=True)
    return np.einsum("...ij,...j->...i", inverse, cross / scale) / scale
