"""Estimates of what another policy earns, with intervals by user.

Decision i showed candidate a_i with probability mu_i(a_i) and earned r_i. The target policy picks a with probability
pi_i(a). The weight is w_i = pi_i(a_i) / mu_i(a_i), and q_i(a) is a model's prediction of r_i if a is shown.

- **IPS** = mean(w r) (Horvitz, Thompson 1952): unbiased where mu > 0 wherever pi > 0.
- **SNIPS** = sum(w r) / sum(w) (Swaminathan, Joachims 2015): a small bias, mostly a smaller variance.
- **DR** = mean(sum_a pi(a) q(a) + w (r - q(a_i))) (Dudik, Langford, Li 2011): unbiased if either the probabilities or
  the model are right, and of small variance if the model is good.

All are ratios of sums over decisions, sum(a) / sum(b). Users are independent, their decisions are not. So the variance
comes from each user's influence on the ratio, sum over the user's decisions of (a_i - ratio b_i) / sum(b) (delta
method).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.ab.measures.change import Z95
from simulation.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure and how far each user moves it.

    Attributes:
        value: the figure; NaN without one.
        influence: [users]; the variance of `value` is the sum of squares.
    """

    value: float
    influence: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The standard error; NaN with fewer than two users, infinite with a weight whose square overflows."""
        users = len(self.influence)
        with np.errstate(over="ignore"):
            return float(np.sqrt(np.sum(self.influence**2) * users / (users - 1))) if users > 1 else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval."""
        return self.value - Z95 * self.error, self.value + Z95 * self.error


def ratio(above: Floats, below: Floats, user: Ints) -> Estimate:
    """sum(above) / sum(below), over decisions [n]; `user` counts from 0."""
    total = float(np.sum(below))
    users = int(user.max()) + 1 if len(user) else 0
    if total == 0:
        return Estimate(float("nan"), np.full(users, np.nan))
    value = float(np.sum(above)) / total
    return Estimate(value, np.bincount(user, above - value * below, users) / total)


def quotient(above: Estimate, below: Estimate) -> Estimate:
    """One figure over another one of the same users."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.float64(above.value) / below.value
        influence = above.influence / below.value - value * below.influence / below.value
    return Estimate(float(value), influence)


def ips(weight: Floats, reward: Floats, user: Ints) -> Estimate:
    """Inverse propensity scores, [n] each."""
    return ratio(weight * reward, np.ones(len(weight)), user)


def snips(weight: Floats, reward: Floats, user: Ints) -> Estimate:
    """Self-normalised inverse propensity scores, [n] each."""
    return ratio(weight * reward, weight, user)


def doubly_robust(weight: Floats, reward: Floats, user: Ints, expected: Floats, predicted: Floats) -> Estimate:
    """Doubly robust, [n] each.

    Args:
        weight: w.
        reward: r.
        user: who each decision is for, from 0.
        expected: sum_a pi(a) q(a), the reward of the target policy by the model.
        predicted: q(a_i), the reward of the shown candidate by the model.
    """
    return ratio(expected + weight * (reward - predicted), np.ones(len(weight)), user)


def change(after: Estimate, before: Estimate) -> tuple[float, float, float]:
    """After / before - 1 and its 95 % interval, by logarithms; NaN unless both are positive."""
    if not (after.value > 0 and before.value > 0):
        return float("nan"), float("nan"), float("nan")
    logs = Estimate(
        float(np.log(after.value / before.value)), after.influence / after.value - before.influence / before.value
    )
    low, high = logs.interval
    return float(np.expm1(logs.value)), float(np.expm1(low)), float(np.expm1(high))
