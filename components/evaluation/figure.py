"""The figure of one head on one slice: its average precision, and all that is needed to judge it."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.curve import Curve, average_precision
from components.evaluation.interval import interval


@dataclass(frozen=True)
class Figure:
    """Average precision of some rows, with their counts.

    Attributes:
        ap: None without positives.
        low, high: 95 % confidence interval of `ap`.
        positives, examples: counts of rows.
        base_rate: positives / examples, the AP of random scores; None without examples.
        judged: whether there are enough positives to judge by.
        exact: whether no score was rounded; otherwise `ap` is within 0.1 %.
        broken: rows whose score is not a finite number.
    """

    ap: float | None
    low: float | None
    high: float | None
    positives: int
    examples: int
    base_rate: float | None
    judged: bool
    exact: bool
    broken: int


def figure(curve: Curve, min_positives: int) -> Figure:
    """The figure of a curve; below `min_positives` it is not judged."""
    positives = int(curve.positives.sum())
    examples = positives + int(curve.negatives.sum())
    low, high = interval(curve) or (None, None)
    not_finite = ~np.isfinite(curve.scores)
    return Figure(
        ap=average_precision(curve),
        low=low,
        high=high,
        positives=positives,
        examples=examples,
        base_rate=positives / examples if examples else None,
        judged=positives >= max(min_positives, 1),
        exact=curve.exact,
        broken=int((curve.positives + curve.negatives)[not_finite].sum()),
    )
