"""Whether a condition of a blessing is met, and why not, in one sentence."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from components.evaluation.conditions import CALIBRATED, FINITE, KEPT, LIFT, REFUSED, Condition, least_tolerated, value
from components.evaluation.config import of_tiers
from components.evaluation.figure import Figure
from components.evaluation.paired.ap_change import APChange
from files.atomic import write_file

VERDICTS_FILE = "verdicts.json"
"""The file of an evaluation with verdicts that know the paired differences."""


@dataclass(frozen=True)
class Verdict:
    """One condition with its value.

    Attributes:
        value: the value of the condition, None if there is nothing to judge.
        baseline: the last blessed model's figure, None if there is none.
        refusal: why there is no comparison with the last blessed model; then every `kept` condition fails.
        change: the paired difference from the last blessed model; None if it is not known.
    """

    condition: Condition
    value: float | None
    candidate: Figure
    baseline: Figure | None
    refusal: str | None = None
    change: APChange | None = None

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
        if self.change is None:
            return f"{where}: not judged, because too few users have a positive."
        last = self.baseline.ap
        # An interval of small counts may reach below an AP of 0, which no model has.
        relative, low, high = (max(part / last, -1.0) for part in self.change)
        return (
            f"{where}: AP {ap:.4g} is {abs(relative):.1%} {'below' if relative < 0 else 'above'} the last blessed "
            f"model's {last:.4g} on the same rows (95 % interval of the change {low:+.1%} to {high:+.1%}); the least "
            f"tolerated is {least_tolerated(condition, last, self.change):.4g} "
            f"({self.candidate.positives:,} positives; evaluator.tolerances)."
        )


def verdict(
    condition: Condition,
    candidate: Figure,
    baseline: Figure | None,
    refusal: str | None = None,
    change: APChange | None = None,
) -> Verdict:
    """Judges a condition; arguments as in `Verdict`."""
    if refusal is not None and condition.kind == KEPT:
        return Verdict(condition, REFUSED, candidate, None, refusal)
    number = value(condition, candidate, baseline, change)
    return Verdict(condition, number if math.isfinite(number) else None, candidate, baseline, change=change)


def _ratio(figure: Figure) -> str:
    """Expected / observed outcomes with its interval."""
    low, high = figure.calibration_low, figure.calibration_high
    interval = "" if low is None or high is None else f" (95 % interval {low:.2f} to {high:.2f})"
    return "none" if figure.calibration is None else f"{figure.calibration:.2f}{interval}"


def write_verdicts(evaluation: str, verdicts: Sequence[Verdict]) -> None:
    """Writes verdicts into the folder of a ModelEvaluation; they take the place of those in its metrics."""
    write_file(f"{evaluation.rstrip('/')}/{VERDICTS_FILE}", dumps(verdicts))


def dumps(verdicts: Sequence[Verdict]) -> str:
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
        change=values.get("change") and APChange(*values["change"]),
    )
