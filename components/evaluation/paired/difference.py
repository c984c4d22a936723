"""The difference of two models' values on the same rows, with its interval.

The models of a side may be several: the same recipe with several seeds. A side's value is the mean over its models. Two
sources of chance then make the variance of the difference:

    V = G / (G - 1) sum_g d_g^2  +  sum over both sides of max(s^2 / S - c, 0)

d_g is user g's influence on the difference of the means, of G users with rows. s^2 is the variance of the values of a
side's S models: seeds differ on any rows. It also contains the interaction of models and users, which d_g contains as
well. So c, the interaction's part of s^2 / S, is subtracted: c = (mean_s sum_g d_gs^2 - sum_g d_g^2) / (S - 1) of that
side. In the mean over seeds, d_g keeps 1 / S of the interaction's variance I, so the two sums differ by I (S - 1) / S.

The interval takes Student's quantile. The users' degrees of freedom are 2 M^2 / (sum_g d_g^4 - M^2 / G) with
M = sum_g d_g^2, so that a few users who decide the difference widen the interval (the kurtosis of a variance's
estimate; Satterthwaite 1946). With one model a side, only the users' chance is known.

The relative change is formed on the log scale, log(ours / theirs), where d_g is the influence divided by the value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from components.evaluation.influence import Numbers
from components.evaluation.paired.measures import Measured

_ROUNDING = 1e-12
"""Values whose relative difference is less are equal: sums of the same numbers in another order differ so little."""


@dataclass(frozen=True)
class Spread:
    """How far chance moves a difference.

    Attributes:
        error: the standard error; 0 if the models score alike.
        degrees: degrees of freedom of its estimate.
        seeds_share: the part of the variance that is the seeds', 0 to 1.
    """

    error: float
    degrees: float
    seeds_share: float = 0.0

    def interval(self, value: float) -> tuple[float, float]:
        """The 95 % interval around `value`."""
        half = float(stdtrit(self.degrees, 0.975)) * self.error if self.error else 0.0
        return value - half, value + half

    def p_value(self, value: float) -> float:
        """The two-sided p-value of `value` against 0."""
        if not self.error:
            return 1.0 if not value else 0.0
        return float(2 * stdtr(self.degrees, -abs(value) / self.error))


@dataclass(frozen=True)
class Difference:
    """Two sides on the same rows.

    Attributes:
        ours, theirs: the mean over each side's models.
        difference: `ours` - `theirs`, with its 95 % interval `low` to `high`.
        relative: `ours` / `theirs` - 1, with its 95 % interval `relative_low` to `relative_high`.
        p: two-sided p-value of the relative change; below 0.05 exactly if its interval excludes 0.
        log_error, degrees: standard error of log(ours / theirs) and its degrees of freedom, to pool comparisons.
        seeds_share: the part of that variance that is the seeds'.
    """

    ours: float
    theirs: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p: float
    log_error: float
    degrees: float
    seeds_share: float


def difference(ours: Sequence[Measured], theirs: Sequence[Measured]) -> Difference | None:
    """The difference of two sides on the same rows; None if fewer than two users have rows, or a value is not above 0.

    Args:
        ours: a value for each model of a side, at least one.
        theirs: those of the other side.
    """
    sides = [_Side.of(ours), _Side.of(theirs)]
    first, second = (side.value for side in sides)
    if first <= 0 or second <= 0:
        return None
    absolute = _spread(sides)
    relative = _spread([side.scaled(1 / side.value) for side in sides])
    if absolute is None or relative is None:
        return None
    alike = math.isclose(first, second, rel_tol=_ROUNDING)
    change, gap = (0.0, 0.0) if alike else (math.log(first / second), first - second)
    low, high = absolute.interval(gap)
    relative_low, relative_high = relative.interval(change)
    return Difference(
        ours=first,
        theirs=second,
        difference=gap,
        low=low,
        high=high,
        relative=0.0 if alike else first / second - 1,
        relative_low=math.exp(relative_low) - 1,
        relative_high=math.exp(min(relative_high, 700.0)) - 1,
        p=relative.p_value(change),
        log_error=relative.error,
        degrees=relative.degrees,
        seeds_share=relative.seeds_share,
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """A side: its models' values [S], their mean influence by user [users], and the mean of their user variances."""

    values: Numbers
    by_user: Numbers
    own: float

    @classmethod
    def of(cls, models: Sequence[Measured]) -> "_Side":
        squares = [float(np.dot(model.by_user, model.by_user)) for model in models]
        by_user = models[0].by_user if len(models) == 1 else np.mean([model.by_user for model in models], axis=0)
        return cls(np.array([model.value for model in models]), by_user, float(np.mean(squares)))

    @property
    def value(self) -> float:
        return float(self.values.mean())

    def scaled(self, factor: float) -> "_Side":
        return _Side(self.values * factor, self.by_user * factor, self.own * factor**2)

    @property
    def seeds(self) -> float:
        """The seeds' part of the variance of the mean, which more users would not lessen."""
        count = self.values.size
        if count < 2:
            return 0.0
        together = (self.own - float(np.dot(self.by_user, self.by_user))) / (count - 1)
        return max(float(self.values.var(ddof=1)) / count - max(together, 0.0), 0.0)


def _spread(sides: Sequence[_Side]) -> Spread | None:
    by_user = sides[0].by_user - sides[1].by_user
    users = int(np.count_nonzero((sides[0].by_user != 0) | (sides[1].by_user != 0)))
    if users < 2:
        return None
    squares = by_user**2
    total = float(squares.sum())
    of_users = users / (users - 1) * total
    excess = float(np.dot(squares, squares)) - total**2 / users
    parts = [(of_users, min(2 * total**2 / excess, users - 1) if excess > 0 else users - 1)]
    parts += [(side.seeds, side.values.size - 1) for side in sides if side.seeds]
    variance = sum(part for part, _ in parts)
    if not variance:
        return Spread(0.0, users - 1)
    degrees = variance**2 / sum(part**2 / freedom for part, freedom in parts)
    return Spread(math.sqrt(variance), degrees, 1 - of_users / variance)
