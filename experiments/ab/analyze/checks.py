"""Whether the arms can be compared at all: sample-ratio mismatch."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import chisquare, norm

from experiments.ab.measures.change import Floats, MetricColumns

MISMATCH = 0.001
"""A p-value below this is a mismatch (Fabijan et al. 2019, "Diagnosing sample ratio mismatch", use such small ones).

The check is made for each test, so a level of 0.05 would raise a false alarm in each twentieth.
"""


def ratio_p_value(users: Sequence[int], shares: Sequence[float]) -> float:
    """Pearson's chi-square test: how often chance alone makes numbers of users this far from the planned shares.

    Args:
        users: of each arm.
        shares: planned, greater than 0; they need not add up to 1.
    """
    planned = np.array(shares) / np.sum(shares) * np.sum(users)
    return float(chisquare(users, planned).pvalue)


def difference_p_value(control: Floats, own: Floats, columns: MetricColumns) -> float:
    """How often chance alone makes means over users differ this much, also if one of them is 0; NaN if both are.

    Args:
        control: `products` of the control.
        own: those of the other arm.
        columns: of a mean over users.
    """
    y, means, variance = columns.numerator, [], 0.0
    for sums in (control, own):
        users = float(sums[0, 0])
        means.append(float(sums[0, y]) / users)
        variance += (float(sums[y, y]) / users - means[-1] ** 2) / max(users - 1, 1)
    difference = abs(means[1] - means[0])
    if difference == 0:
        return float("nan")
    return 2 * float(norm.sf(difference / np.sqrt(variance))) if variance > 0 else 0.0
