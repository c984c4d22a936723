"""The conditions of a blessing: each is one number of an evaluation that must reach a bound.

The number covers all rows that the condition selects, not a slice. If these rows are absent or too few to judge, it is
`inf` and the condition passes. (TFMA's own thresholds fail on a slice that is absent from the data, and on NaN.)
"""

import math
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from components.evaluation.config import EvaluatorConfig, Tolerance
from components.evaluation.figure import Figure
from components.evaluation.paired.ap_change import APChange
from models.recipes import Recipe

FINITE, LIFT, CALIBRATED, KEPT = "finite", "lift", "calibrated", "kept"

REFUSED = 0.0
"""The value of a `kept` condition whose comparison is refused; every bound is above it."""


class Selection(NamedTuple):
    """Rows that count for a head: of these sources and, unless None, of these stream tiers."""

    head: str
    sources: tuple[str, ...]
    tiers: tuple[int, ...] | None = None


class Condition(BaseModel):
    """One condition of a blessing.

    Attributes:
        kind: `finite`: every score is a finite number; `lift`: AP / base rate; `calibrated`: how far the interval of
            expected / observed outcomes reaches into its range; `kept`: AP / the least AP that the comparison with the
            last blessed model tolerates.
        bound: the least value that passes.
        between: `calibrated` only: the least and the greatest expected / observed outcomes that pass.
        max_relative_drop, max_absolute_drop: `kept` only: the larger of both may be lost.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["finite", "lift", "calibrated", "kept"]
    head: str
    sources: tuple[str, ...]
    tiers: tuple[int, ...] | None = None
    bound: float = 1.0
    between: tuple[float, float] | None = None
    max_relative_drop: float = 0.0
    max_absolute_drop: float = 0.0

    @property
    def selection(self) -> Selection:
        """The rows that it covers."""
        return Selection(self.head, self.sources, self.tiers)

    @property
    def name(self) -> str:
        """The name of its metric, e.g. `condition/kept/ad_stream/ad/tiers_3_4_5`."""
        tiers = () if self.tiers is None else ("tiers_" + "_".join(map(str, self.tiers)),)
        return "/".join(("condition", self.kind, self.head, "_".join(self.sources), *tiers))


def conditions(recipe: Recipe, config: EvaluatorConfig) -> tuple[Condition, ...]:
    """The conditions of a recipe, each with its own name.

    Heads must reach bounds only on sources that the recipe is trained on.
    """
    finite = [Condition(kind=FINITE, head=head, sources=recipe.sources_of(head)) for head in recipe.heads]
    bounded = [
        (threshold, head, source)
        for threshold in config.thresholds
        for source in recipe.trained_on
        if threshold.source in (None, source)
        for head in recipe.heads_for(threshold.label, source)
    ]
    lifts = [
        Condition(kind=LIFT, head=head, sources=(source,), bound=threshold.min_lift)
        for threshold, head, source in bounded
    ]
    calibrated = [
        Condition(kind=CALIBRATED, head=head, sources=(source,), between=threshold.calibration)
        for threshold, head, source in bounded
        if threshold.calibration is not None
    ]
    kept = [condition for tolerance in config.tolerances for condition in _kept(recipe, tolerance)]
    return (*finite, *lifts, *calibrated, *(kept if config.compare_with_last else ()))


def value(condition: Condition, candidate: Figure, baseline: Figure | None, change: APChange | None = None) -> float:
    """The value of a condition; `inf` if there is nothing to judge.

    Args:
        condition: the condition.
        candidate: the new model's figure on the condition's rows.
        baseline: the last blessed model's figure, None if there is none.
        change: the paired difference of both, which a `kept` condition needs.
    """
    if condition.kind == FINITE:
        return 1 - candidate.broken / candidate.examples if candidate.examples else math.inf
    if not candidate.judged or candidate.ap is None:
        return math.inf
    if condition.kind == LIFT:
        return candidate.ap / candidate.base_rate if candidate.base_rate else math.inf
    if condition.kind == CALIBRATED:
        return _inside(condition.between, candidate)
    if baseline is None or baseline.ap is None or change is None:
        return math.inf
    least = least_tolerated(condition, baseline.ap, change)
    return candidate.ap / least if least > 0 else math.inf


def least_tolerated(condition: Condition, last: float, change: APChange) -> float:
    """The least AP that passes: below it, the drop exceeds the tolerance, and the whole paired interval is below 0.

    Args:
        condition: a `kept` condition.
        last: the last blessed model's AP.
        change: the paired difference from it.
    """
    return last - max(condition.max_relative_drop * last, condition.max_absolute_drop, change.chance)


def _inside(between: tuple[float, float] | None, figure: Figure) -> float:
    """At least 1 if the ratio or a part of its interval is inside the range, else the factor by which it misses it.

    Of an interval, the end that is nearest to the range counts, so chance fails no model.
    """
    if between is None or figure.calibration is None:
        return math.inf
    least, greatest = between
    low, high = figure.calibration_low, figure.calibration_high
    low, high = (figure.calibration if end is None else end for end in (low, high))
    return min(high / least, greatest / low if low > 0 else math.inf)


def _kept(recipe: Recipe, tolerance: Tolerance) -> list[Condition]:
    labels = dict.fromkeys(task.label for task in recipe.tasks)
    return [
        Condition(
            kind=KEPT,
            head=head,
            sources=(source,),
            tiers=tolerance.tiers,
            max_relative_drop=tolerance.max_relative_drop,
            max_absolute_drop=tolerance.max_absolute_drop,
        )
        for label in labels
        if tolerance.labels is None or label in tolerance.labels
        for source in recipe.trained_on
        if tolerance.sources is None or source in tolerance.sources
        for head in recipe.heads_for(label, source)
    ]
