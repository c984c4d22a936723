"""Whether a condition of a blessing is met, and why not, in one sentence."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from components.evaluation.conditions import CALIBRATED, FINITE, KEPT, LIFT, REFUSED, Condition, least_tolerated, value
from components.evaluation.config import of_tiers
from components.evaluation.figure import Figure


@dataclass(frozen=True)
class Verdict:
    """One condition with its value.

    Attributes:
        value: the value of the condition, None if there is nothing to judge.
        baseline: the last blessed model's figure, None if there is none.
        refusal: why there is no comparison with the last blessed model; then every `kept` condition fails.
    """

    condition: Condition
    value: float | None
    candidate: Figure
    baseline: Figure | None
    refusal: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the condition's bound is reached, or there is nothing to judge."""
        return self.value is None or self.value >= self.condition.bound

    @property
    def sentence(self) -> str:
        """The value, the rows, and the bound; if the comparison is refused, the reason and what to do."""
        if self.refusal is not None:
            return self.refusal
        condition, ap = self.condition, self.candidate.ap
        where = f"{condition.head} on {' and '.join(condition.sources)}{of_tiers(condition.tiers)}"
        if condition.kind == FINITE:
            return f"{where}: {self.candidate.broken:,} of {self.candidate.examples:,} scores are not finite numbers."
        if not self.candidate.judged or ap is None:
            return f"{where}: not judged, with {self.candidate.positives:,} positives."
        if condition.kind == LIFT and self.value is not None:
            return (
                f"{where}: AP {ap:.4g} is {self.value:.2f} times the base rate {self.candidate.base_rate:.4g}, the "
                f"threshold is {condition.bound:g} times ({self.candidate.positives:,} positives; "
                "evaluator.thresholds)."
            )
        if condition.kind == CALIBRATED and condition.between is not None:
            least, greatest = condition.between
            return (
                f"{where}: expected / observed outcomes is {_ratio(self.candidate)}; it must be {least:g} to "
                f"{greatest:g} ({self.candidate.positives:,} positives; evaluator.thresholds)."
            )
        if self.baseline is None or self.baseline.ap is None:
            return f"{where}: no blessed model to compare with."
        change = ap / self.baseline.ap - 1
        return (
            f"{where}: AP {ap:.4g} is {abs(change):.1%} {'below' if change < 0 else 'above'} the last blessed model's "
            f"{self.baseline.ap:.4g}; the least tolerated is {least_tolerated(condition, self.baseline):.4g} "
            f"({self.candidate.positives:,} positives; evaluator.tolerances)."
        )


def verdict(condition: Condition, candidate: Figure, baseline: Figure | None, refusal: str | None = None) -> Verdict:
    """Judges a condition; arguments as in `Verdict`."""
    if refusal is not None and condition.kind == KEPT:
        return Verdict(condition, REFUSED, candidate, None, refusal)
    number = value(condition, candidate, baseline)
    return Verdict(condition, number if math.isfinite(number) else None, candidate, baseline)


def _ratio(figure: Figure) -> str:
    """Expected / observed outcomes with its interval."""
    low, high = figure.calibration_low, figure.calibration_high
    interval = "" if low is None or high is None else f" (95 % interval {low:.2f} to {high:.2f})"
    return "none" if figure.calibration is None else f"{figure.calibration:.2f}{interval}"


def dumps(verdicts: list[Verdict]) -> str:
    """Verdicts as JSON."""
    return json.dumps([{**asdict(item), "condition": item.condition.model_dump(mode="json")} for item in verdicts])


def loads(text: str) -> list[Verdict]:
    """The verdicts of `dumps`."""
    return [_from_json(values) for values in json.loads(text)]


def _from_json(values: dict[str, Any]) -> Verdict:
    return Verdict(
        condition=Condition.model_validate(values["condition"]),
        value=values["value"],
        candidate=Figure(**values["candidate"]),
        baseline=values["baseline"] and Figure(**values["baseline"]),
        refusal=values["refusal"],
    )
