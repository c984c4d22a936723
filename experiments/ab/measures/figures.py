"""The change of a metric with its interval and p-value, also where one arm has no event at all.

Without an event, there is no logarithm of a ratio, and so no interval by the delta method. But an arm without any
stream is the greatest harm that a test can show. Given the k events of both arms, an event falls into the empty arm,
whose rate is the other one's times t, with the chance t N / (t N + M), where N and M are what the metric divides by. So
it has none with the chance (1 + t N / M)^-k. This is the exact comparison of two Poisson means (Przyborowski, Wilenski
1940).

- The p-value is twice that chance for t = 1.
- The 95 % interval of t goes from 0 to where that chance is 2.5 %.
- Events of one user come together. So k is divided by k times the variance of log R in the other arm, which is 1 for
  independent events.
"""

import math
from dataclasses import dataclass

import numpy as np

from experiments.ab.measures.change import Floats, log_change, log_ratio
from experiments.ab.measures.metrics import Metric
from experiments.ab.measures.user_sums import columns_of

_NAN = float("nan")


@dataclass(frozen=True)
class Figures:
    """The change of a metric; NaN where there is no figure.

    Attributes:
        change, low, high: relative change and its 95 % interval; infinite where the control's value is 0.
        p_value: two-sided.
    """

    change: float
    low: float
    high: float
    p_value: float


def figures_of(metric: Metric, control: Floats, own: Floats, *, adjust: bool) -> Figures:
    """The change of an arm against the control, from their products; with CUPED if `adjust`."""
    change = log_change(control, own, columns_of(metric, adjust=adjust))
    if math.isnan(change.value):
        return _without_events(metric, control, own)
    low, high = change.interval
    return Figures(float(change.relative), float(low), float(high), float(change.p_value))


def _without_events(metric: Metric, control: Floats, own: Floats) -> Figures:
    """The figures if exactly one arm has no event of the metric, and both have what it divides by."""
    columns = columns_of(metric, adjust=False)
    inverse = metric.numerator not in metric.counted  # of spend for a stream: streams for spend
    events, exposure = (columns.denominator, columns.numerator) if inverse else (columns.numerator, columns.denominator)
    without, other = (own, control) if own[0, events] == 0 else (control, own)
    count = float(other[0, events])
    if not metric.counted or without[0, events] > 0 or not min(count, without[0, exposure], other[0, exposure]) > 0:
        return Figures(_NAN, _NAN, _NAN, _NAN)
    variance = float(log_ratio(other, columns).variance)
    independent = count / max(count * variance, 1.0)  # NaN for a single user
    size = float(without[0, exposure] / other[0, exposure])
    most = (0.025 ** (-1 / independent) - 1) / size if independent > 0 else _NAN
    p_value = float(np.minimum(1.0, 2 * (1 + size) ** -independent))
    if (without is own) == inverse:  # the metric of the arm is infinite, or that of the control is 0
        return Figures(math.inf, 1 / most - 1, math.inf, p_value)
    return Figures(-1.0, -1.0, most - 1, p_value)
