"""The gates between an evaluation and a blessing: each is one number that must reach a bound.

A gate is read on all rows it selects, not on a slice, so that rows that are absent or too few to judge never fail it:
it then reads `inf`. (TFMA fails a threshold on a slice that is absent from the data, and on NaN.)
"""

import math
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from components.evaluation.config import EvaluatorConfig, Tolerance
from components.evaluation.figure import Figure
from models.recipes import Recipe
from transforms.labels import Source

FINITE, LIFT, KEPT = "finite", "lift", "kept"


class Selection(NamedTuple):
    """Rows that count for a head: of these sources and, unless None, of these stream tiers."""

    head: str
    sources: tuple[Source, ...]
    tiers: tuple[int, ...] | None = None


class Gate(BaseModel):
    """One condition of a blessing.

    Attributes:
        kind: `finite`: every score is a finite number; `lift`: AP / base rate; `kept`: AP / the least AP that the
            last blessed model's leaves tolerable.
        bound: the least value that passes.
        max_relative_drop, max_absolute_drop: `kept` only: the larger of both may be lost.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["finite", "lift", "kept"]
    head: str
    sources: tuple[Source, ...]
    tiers: tuple[int, ...] | None = None
    bound: float = 1.0
    max_relative_drop: float = 0.0
    max_absolute_drop: float = 0.0

    @property
    def selection(self) -> Selection:
        """The rows it is read on."""
        return Selection(self.head, self.sources, self.tiers)

    @property
    def name(self) -> str:
        """The name of its metric, e.g. `gate/kept/ad_stream/ad/tiers_3_4_5`."""
        tiers = () if self.tiers is None else ("tiers_" + "_".join(map(str, self.tiers)),)
        return "/".join(("gate", self.kind, self.head, "_".join(self.sources), *tiers))


def gates(recipe: Recipe, config: EvaluatorConfig) -> tuple[Gate, ...]:
    """The gates of a recipe, of different names; heads are gated only on sources that the recipe is trained on."""
    finite = [Gate(kind=FINITE, head=head, sources=_ordered(recipe, head)) for head in recipe.heads]
    lifts = [
        Gate(kind=LIFT, head=head, sources=(threshold.source,), bound=threshold.min_lift)
        for threshold in config.thresholds
        if threshold.source in recipe.sources
        for head in recipe.heads_for(threshold.label, threshold.source)
    ]
    kept = [gate for tolerance in config.tolerances for gate in _kept(recipe, tolerance)]
    return (*finite, *lifts, *kept)


def value(gate: Gate, candidate: Figure, baseline: Figure | None) -> float:
    """What a gate reads; `inf` where there is nothing to judge.

    Args:
        gate: the gate.
        candidate: the new model's figure on the gate's rows.
        baseline: the last blessed model's, None if there is none.
    """
    if gate.kind == FINITE:
        return 1 - candidate.broken / candidate.examples if candidate.examples else math.inf
    if not candidate.judged or candidate.ap is None:
        return math.inf
    if gate.kind == LIFT:
        return candidate.ap / candidate.base_rate if candidate.base_rate else math.inf
    if baseline is None or baseline.ap is None:
        return math.inf
    least = least_tolerated(gate, baseline)
    return candidate.ap / least if least > 0 else math.inf


def least_tolerated(gate: Gate, baseline: Figure) -> float:
    """The least AP that is not worse than `baseline`: below it the drop exceeds both the tolerance and the noise."""
    if baseline.ap is None or baseline.low is None:
        return 0.0
    return min(baseline.ap - max(gate.max_relative_drop * baseline.ap, gate.max_absolute_drop), baseline.low)


def _kept(recipe: Recipe, tolerance: Tolerance) -> list[Gate]:
    return [
        Gate(
            kind=KEPT,
            head=head,
            sources=(source,),
            tiers=tolerance.tiers,
            max_relative_drop=tolerance.max_relative_drop,
            max_absolute_drop=tolerance.max_absolute_drop,
        )
        for label in tolerance.labels
        for source in tolerance.sources
        if source in recipe.sources
        for head in recipe.heads_for(label, source)
    ]


def _ordered(recipe: Recipe, head: str) -> tuple[Source, ...]:
    return tuple(sorted(recipe.read_on(head)))
