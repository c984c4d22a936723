"""Which rows have enough data to be judged."""

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
    """Whether a share of each arm's products has enough events, or users for a metric without rare events."""
    events = events_of(metric, *arms)
    return share * (min(float(arm[0, 0]) for arm in arms) if events is None else events) >= MIN_EVENTS


def number_or_none(value: float | Floats) -> float | None:
    """A finite number, or None."""
    return float(value) if np.isfinite(value) else None
