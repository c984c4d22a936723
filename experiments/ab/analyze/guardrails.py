"""Guardrails: bounds that a change must not break, such as `CTR@all>=-2%`."""

import re
from dataclasses import dataclass
from typing import Literal

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.metrics import ALL_METRICS
from experiments.ab.measures.segments import ALL, SEGMENTS

Verdict = Literal["holds", "open", "broken"]

_PATTERN = re.compile(
    r"\s*(?P<metric>\w+)\s*(@\s*(?P<segment>[\w -]+?)\s*)?(?P<sign>>=|<=)\s*(?P<bound>[+-]?[\d.]+)\s*%\s*"
)


@dataclass(frozen=True)
class Guardrail:
    """A bound for the relative change of a metric in a segment.

    Attributes:
        metric, segment: names.
        at_least: whether the change must be at least `bound`, else at most.
        bound: -0.02 for -2 %.
    """

    metric: str
    segment: str
    at_least: bool
    bound: float

    @property
    def text(self) -> str:
        """As an option gives it."""
        return f"{self.metric}@{self.segment}{'>=' if self.at_least else '<='}{100 * self.bound:+g}%"

    def verdict(self, low: float, high: float) -> Verdict:
        """`holds` if the whole 95 % interval keeps the bound, `broken` if the whole interval breaks it, else `open`."""
        if not self.at_least:
            low, high, bound = -high, -low, -self.bound
        else:
            bound = self.bound
        if low >= bound:
            return "holds"
        return "broken" if high < bound else "open"


def guardrail(text: str) -> Guardrail:
    """Reads `METRIC[@SEGMENT]>=X%` or `<=X%`; without a segment, all impressions.

    Raises:
        ExperimentError: the text has another form, or names an unknown metric or segment.
    """
    match = _PATTERN.fullmatch(text.strip())
    try:
        bound = float(match["bound"]) / 100 if match else None
    except ValueError:
        bound = None
    if match is None or bound is None:
        raise ExperimentError(f"--guardrail {text!r}: write METRIC@SEGMENT>=X%, for example CTR@all>=-2%")
    metric, segment = match["metric"], match["segment"] or ALL.name
    _known(text, "metric", metric, [known.name for known in ALL_METRICS])
    _known(text, "segment", segment, [known.name for known in SEGMENTS])
    return Guardrail(metric, segment, match["sign"] == ">=", bound)


def _known(text: str, what: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise ExperimentError(f"--guardrail {text!r}: there is no {what} {name!r}; choose from {', '.join(names)}")
