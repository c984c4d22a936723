"""The figure of one head on one slice: average precision, calibration, and all that is needed to judge them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

import numpy as np

from components.evaluation.calibration import Ratio, expected_over_observed
from components.evaluation.counted import CountedRows
from components.evaluation.curve import average_precision
from components.evaluation.interval import interval


@dataclass(frozen=True)
class Figure:
    """Average precision and calibration of some rows, with their counts.

    To measure something new, add a field here and its value in `figure`: TFMA's metric, the readers of evaluations, and
    the CSV file follow the fields. Give it a default, which readers take for evaluations that were written before.

    Attributes:
        ap: None without positives.
        low, high: 95 % confidence interval of `ap`.
        positives, examples: counts of rows.
        base_rate: positives / examples, the AP of random scores; None without examples.
        judged: whether there are enough positives to judge by.
        exact: whether no score was rounded; otherwise `ap` is within 0.1 %.
        broken: rows whose score is not a finite number.
        expected: sum of the predictions; None in an evaluation of an earlier version, as all below.
        calibration: expected / positives; None without positives, or if a score is broken.
        calibration_low, calibration_high: 95 % confidence interval of `calibration`, by user; None where there is none.
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
    expected: float | None = None
    calibration: float | None = None
    calibration_low: float | None = None
    calibration_high: float | None = None


COUNTS = tuple(field.name for field in fields(Figure) if field.name not in {"ap", "low", "high"})
"""The fields that are TFMA metrics of their own; AP and its interval are one metric."""


def count_values(figure: Figure) -> dict[str, float]:
    """The values of the fields `COUNTS` as TFMA keeps them: floats, NaN for None."""
    values = {name: getattr(figure, name) for name in COUNTS}
    return {name: math.nan if value is None else float(value) for name, value in values.items()}


def typed_counts(values: Mapping[str, float], kind: type[Figure] = Figure) -> dict[str, Any]:
    """The inverse of `count_values`, without the fields that `values` does not have.

    Args:
        values: floats by name; other names are left out.
        kind: the class whose fields are meant.
    """
    return {name: _typed(hint, values[name]) for name, hint in get_type_hints(kind).items() if name in values}


def figure(rows: CountedRows, min_positives: int) -> Figure:
    """The figure of some rows; with fewer than `min_positives` positives, it is not judged."""
    curve = rows.curve
    positives = int(curve.positives.sum())
    examples = positives + int(curve.negatives.sum())
    low, high = interval(curve) or (None, None)
    not_finite = ~np.isfinite(curve.scores)
    broken = int((curve.positives + curve.negatives)[not_finite].sum())
    ratio = Ratio() if broken else expected_over_observed(rows.users)
    return Figure(
        ap=average_precision(curve),
        low=low,
        high=high,
        positives=positives,
        examples=examples,
        base_rate=positives / examples if examples else None,
        judged=positives >= max(min_positives, 1),
        exact=curve.exact,
        broken=broken,
        expected=float(rows.users.expected.sum()),
        calibration=ratio.value,
        calibration_low=ratio.low,
        calibration_high=ratio.high,
    )


def _typed(hint: Any, value: float) -> Any:
    """A value of the field's type: `int`, `bool`, or one of them or `float` that may be None."""
    kind, *rest = get_args(hint) or (hint,)
    return None if rest and math.isnan(value) else kind(value)
