"""A 95 % confidence interval of average precision from one curve, without replicates.

The variance is the infinitesimal jackknife's (Efron 1982, "The Jackknife, the Bootstrap and Other Resampling Plans",
ch. 6): the sum over the rows of the squared influence of each row on AP. A curve gives it exactly in one pass. The
interval is formed on the logit scale (Boyd, Eng & Page 2013, "Area under the Precision-Recall Curve: Point Estimates
and Confidence Intervals", ECML PKDD), so that it stays inside (0, 1). Their own binomial variance AP (1 - AP) / P holds
for any scores. At our base rates it is two to three times too wide, because the precisions at the positives are then
near AP, not 0 or 1.

Two corrections matter for few positives. First, sample AP is biased upwards, since each positive counts in its own
precision. So the lower end is multiplied by AP without this effect / AP. Second, the variance is multiplied by
P / (P - 1), and the binomial variance divided by P is added, so that a perfect ranking has an interval too.
tests/components/evaluation/test_interval.py simulates the coverage.
"""

import numpy as np

from components.evaluation.curve import ScoreCurve
from components.evaluation.influence import influences

Z = 1.959964  # 97.5 % point of the normal distribution


def interval(curve: ScoreCurve) -> tuple[float, float] | None:
    """The lower and upper end of the 95 % confidence interval of a curve's average precision.

    Returns:
        None without positives; (0, 1) with a single positive, because one gives no spread.
    """
    gained, others = (counts[::-1].astype(np.float64) for counts in (curve.positives, curve.negatives))
    true_positives = np.cumsum(gained)
    if not true_positives.size or true_positives[-1] < 1:
        return None
    count = true_positives[-1]
    if count < 2:
        return 0.0, 1.0
    predicted = true_positives + np.cumsum(others)
    ap, of_positive, of_negative = influences(gained, predicted)
    influence = np.dot(gained, of_positive**2) + np.dot(others, of_negative**2)
    without_own = np.divide(true_positives - 1, predicted - 1, out=np.ones_like(predicted), where=predicted > 1)
    unbiased = float(np.dot(gained, without_own) / count)
    middle = min(ap, 1 - 0.5 / count)  # a perfect ranking has no logit
    spread = middle * (1 - middle)
    deviation = np.sqrt(influence * count / (count - 1) + spread / count**2) / spread
    logit = np.log(middle / (1 - middle))
    low = _expit(logit - Z * deviation) * unbiased / ap
    high = _expit(logit + Z * deviation)
    return float(min(low, ap)), float(max(high, ap))


def _expit(value: float) -> float:
    return float(0.5 * (1 + np.tanh(0.5 * value)))
