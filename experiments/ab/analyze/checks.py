"""Whether the arms can be compared at all: sample-ratio mismatch."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import chisquare

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
