"""Results that stay right however often you look: an always-valid p-value and interval.

The mixture sequential probability ratio test for a normal estimate d with variance v, against effects that are drawn
from a normal distribution with standard deviation t (Robbins 1970; for A/B tests Johari, Koomen, Pekelis, Walsh 2022,
"Always valid inference: continuous monitoring of A/B tests", Operations Research 70(3)):

    likelihood ratio = sqrt(v / (v + t^2)) exp(d^2 t^2 / (2 v (v + t^2)))

Without an effect, it exceeds 1 / alpha at any look with a chance of at most alpha. It holds for estimates whose steps
are those of a Brownian motion in 1 / v, as means over days of the same users or of new ones are. The variance is an
estimate, so the promise holds for large samples (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024, "Time-uniform
central limit theory and asymptotic confidence sequences").
"""

from dataclasses import dataclass

import numpy as np

from experiments.ab.measures.change import Floats

ALPHA = 0.05


@dataclass(frozen=True)
class AlwaysValid:
    """P-value and interval of a test after each look, float64 [looks]; NaN before the first look that counts.

    Attributes:
        p_value: the smallest so far; below 0.05 you may stop, whenever that is.
        low, high: interval of the relative change; in 95 % of all tests it holds the truth at every look.
    """

    p_value: Floats
    low: Floats
    high: Floats


def always_valid(value: Floats, variance: Floats, expected: float) -> AlwaysValid:
    """The test after each look.

    Args:
        value: log changes, [looks]; NaN for looks that do not count.
        variance: of `value`.
        expected: t, the size of change in logs that the test is best at finding; it is valid for any.
    """
    prior = expected**2
    counts = np.isfinite(value) & np.isfinite(variance) & (variance > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = variance + prior
        log_likelihood = 0.5 * np.log(variance / total) + value**2 * prior / (2 * variance * total)
        half = np.sqrt(variance * total / prior * (2 * np.log(1 / ALPHA) + np.log(total / variance)))
        p_value = np.where(counts, np.minimum(1.0, np.exp(-log_likelihood)), np.nan)
        low, high = (np.where(counts, np.expm1(value + sign * half), np.nan) for sign in (-1, 1))
    return AlwaysValid(np.fmin.accumulate(p_value), low, high)
