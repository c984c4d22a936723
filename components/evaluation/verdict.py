"""Whether a gate is passed, and why not, in one sentence."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from components.evaluation.config import of_tiers
from components.evaluation.figure import Figure
from components.evaluation.gates import FINITE, LIFT, Gate, least_tolerated, value


@dataclass(frozen=True)
class Verdict:
    """One gate as it was read.

    Attributes:
        value: what the gate reads, None where there is nothing to judge.
        baseline: the last blessed model's figure, None if there is none.
    """

    gate: Gate
    value: float | None
    candidate: Figure
    baseline: Figure | None

    @property
    def passed(self) -> bool:
        """Whether the gate's bound is reached, or there is nothing to judge."""
        return self.value is None or self.value >= self.gate.bound

    @property
    def sentence(self) -> str:
        """What was read, on which rows, against which bound."""
        gate, ap = self.gate, self.candidate.ap
        where = f"{gate.head} on {' and '.join(f'{source}s' for source in gate.sources)}{of_tiers(gate.tiers)}"
        if gate.kind == FINITE:
            return f"{where}: {self.candidate.broken:,} of {self.candidate.examples:,} scores are not finite numbers."
        if not self.candidate.judged or ap is None:
            return f"{where}: not judged, with {self.candidate.positives:,} positives."
        if gate.kind == LIFT and self.value is not None:
            return (
                f"{where}: AP {ap:.4g} is {self.value:.2f} times the base rate {self.candidate.base_rate:.4g}, the "
                f"threshold is {gate.bound:g} times ({self.candidate.positives:,} positives; evaluator.thresholds)."
            )
        if self.baseline is None or self.baseline.ap is None:
            return f"{where}: no blessed model to compare with."
        change = ap / self.baseline.ap - 1
        return (
            f"{where}: AP {ap:.4g} is {abs(change):.1%} {'below' if change < 0 else 'above'} the last blessed model's "
            f"{self.baseline.ap:.4g}; the least tolerated is {least_tolerated(gate, self.baseline):.4g} "
            f"({self.candidate.positives:,} positives; evaluator.tolerances)."
        )


def verdict(gate: Gate, candidate: Figure, baseline: Figure | None) -> Verdict:
    """Reads a gate."""
    read = value(gate, candidate, baseline)
    return Verdict(gate, read if math.isfinite(read) else None, candidate, baseline)


def dumps(verdicts: list[Verdict]) -> str:
    """Verdicts as JSON."""
    return json.dumps([{**asdict(each), "gate": each.gate.model_dump(mode="json")} for each in verdicts])


def loads(text: str) -> list[Verdict]:
    """The verdicts of `dumps`."""
    return [_from_json(each) for each in json.loads(text)]


def _from_json(data: dict[str, Any]) -> Verdict:
    baseline = data["baseline"] and Figure(**data["baseline"])
    return Verdict(Gate.model_validate(data["gate"]), data["value"], Figure(**data["candidate"]), baseline)
