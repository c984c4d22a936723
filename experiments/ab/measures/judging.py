"""Which rows have enough data to be judged.

An interval by users holds where many users share the events. A few users may have all of them, and then the variance
comes from these few alone: without an effect, tests of ten users with dozens of streams each reject in one of four. So
what counts is the effective number of users (Kish 1965), (sum of y)^2 / sum of y^2 over the events y of each. It is at
most the number of events, and as large if no user has two. It comes from all arms together: an arm that lost its
streams has few, and that must not hide the loss.
"""

import numpy as np

from experiments.ab.measures.change import Floats
from experiments.ab.measures.metrics import Metric
from experiments.ab.measures.user_sums import COLUMNS

MIN_EVENTS = 30
"""A row is judged from this many streams, or clicks, in each arm; docs/ab.md has the validation."""


def events_of(metric: Metric, *arms: Floats) -> int | None:
    """The smallest number of rare events that the metric depends on, over the arms' products."""
    counts = [round(float(arm[0, COLUMNS.index(name)])) for name in metric.counted for arm in arms]
    return min(counts, default=None)


def is_judged(metric: Metric, *arms: Floats, share: float = 1.0) -> bool:
    """Whether the smallest arm's part of all users with events, or a share of that part, is enough.

    Args:
        metric: it depends on rare events, or else on its numerator.
        arms: the products of each.
        share: of the smallest arm.
    """
    together = np.sum(arms, axis=0)
    if not together[0, 0]:
        return False
    part = share * min(float(arm[0, 0]) for arm in arms) / float(together[0, 0])
    names = metric.counted or (metric.numerator,)
    return part * min(_effective_users(together, COLUMNS.index(name)) for name in names) >= MIN_EVENTS


def _effective_users(sums: Floats, column: int) -> float:
    total, squares = float(sums[0, column]), float(sums[column, column])
    return total**2 / squares if squares > 0 else 0.0


def number_or_none(value: float | Floats) -> float | None:
    """A finite number, or None."""
    return float(value) if np.isfinite(value) else None
