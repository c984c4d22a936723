"""Expected over observed outcomes, the sum of predictions over the sum of outcomes, with an interval by user.

    R = E / O,    var(log R) = G / (G - 1) * sum_g (E_g - R O_g)^2 / E^2

E_g and O_g are the sums of one of G groups of users. This is the ratio estimator's variance with groups as clusters
(Cochran 1977, "Sampling Techniques", ch. 6), on the log scale, so that the interval stays above 0. The 95 % interval
takes Student's quantile with G - 1 degrees of freedom.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from components.evaluation.user_sums import UserSums


class Ratio(NamedTuple):
    """Expected over observed outcomes; 1 where the predictions add up to the outcomes.

    Attributes:
        value: None without outcomes.
        low, high: 95 % confidence interval; None without outcomes, without predictions, or with a single group.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None


def expected_over_observed(sums: UserSums) -> Ratio:
    """The ratio of some rows."""
    expected, observed = sums.expected, sums.positives
    total, positives = float(expected.sum()), int(observed.sum())
    if not positives:
        return Ratio()
    ratio = total / positives
    groups = int(np.count_nonzero((expected > 0) | (observed > 0)))
    if groups < 2 or not total:
        return Ratio(ratio)
    residuals = expected - ratio * observed
    deviation = float(np.sqrt(groups / (groups - 1) * np.dot(residuals, residuals))) / total
    factor = float(np.exp(stdtrit(groups - 1, 0.975) * deviation))
    return Ratio(ratio, ratio / factor, ratio * factor)
