"""How much each row moves average precision.

The *influence* of a row is the derivative of AP with respect to the row's weight (Hampel 1974, "The Influence Curve and
its Role in Robust Estimation"). The intervals of one model's AP and of the difference of two follow from it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Influences(NamedTuple):
    """Average precision, and its change by one more row.

    Attributes:
        ap: `1/P sum_i y_i precision_i`, as in scikit-learn.
        of_positive: the influence of one positive at each step, [steps].
        of_negative: that of one negative at the step, or between it and the step above, [steps]. A negative below all
            steps has none.
    """

    ap: float
    of_positive: Numbers
    of_negative: Numbers


def influences(positives: Numbers, predicted: Numbers) -> Influences:
    """The influences of rows by *step*, a distinct score, from the greatest score down.

    Rows of equal score have one precision. One more row at a score changes the precision there and at all lower scores.
    Steps without a positive change nothing, so they may be left out.

    Args:
        positives: [steps], at least one positive in all.
        predicted: [steps], how many rows have this score or a greater one.
    """
    true = np.cumsum(positives)
    false, total = predicted - true, true[-1]
    precision = true / predicted
    ap = float(np.dot(positives, precision) / total)
    slope = positives / predicted**2
    return Influences(
        ap,
        of_positive=(precision - ap + _from_here_on(slope * false)) / total,
        of_negative=-_from_here_on(slope * true) / total,
    )


def _from_here_on(values: Numbers) -> Numbers:
    """At each place the sum of this value and all after it."""
    sums: Numbers = np.cumsum(values[::-1])[::-1]
    return sums
