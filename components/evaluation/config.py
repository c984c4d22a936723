"""The configuration section `evaluator`: what a model must reach to be blessed, and how finely it is measured."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, field_validator

from components.evaluation.slices import LOW_TIERS, TIERS
from transforms.labels import LABELS, SOURCES, Label, Source

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Threshold(BaseModel):
    """A value that a model must reach by itself: its AP as a multiple of the base rate, on one source.

    It applies to every head for the label that is read on the source, in the recipes that are trained on it.
    """

    model_config = _STRICT

    label: Label = Field(default="stream", description="Outcome whose heads are held to it.")
    source: Source = Field(description="Source on which the heads are read.")
    min_lift: float = Field(default=1.2, ge=0, description="Least AP / base rate; random scores reach 1.")


class Tolerance(BaseModel):
    """How much worse than the last blessed model of the same recipe a model may be.

    Each head of a label on each source is one gate. The larger of the two drops is tolerated; a drop that stays inside
    the 95 % confidence interval of the last blessed model's AP is always tolerated, since it may be noise.
    """

    model_config = _STRICT

    labels: tuple[Label, ...] = Field(default=LABELS, min_length=1, description="Outcomes whose heads are compared.")
    sources: tuple[Source, ...] = Field(
        default=SOURCES, min_length=1, description="Sources on which they are compared, one by one."
    )
    tiers: tuple[int, ...] | None = Field(
        default=None,
        description=f"Stream tiers ({TIERS[0]} to {TIERS[-1]}) whose rows are compared, taken together; null for all. "
        "Their order does not matter.",
    )
    max_relative_drop: float = Field(default=0.05, ge=0, le=1, description="Tolerated drop as a share of the AP.")
    max_absolute_drop: float = Field(default=0.0, ge=0, le=1, description="Tolerated drop of the AP itself.")

    @field_validator("tiers")
    @classmethod
    def _known_tiers(cls, tiers: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if tiers is not None and not (tiers and set(tiers) <= set(TIERS)):
            raise ValueError(f"name stream tiers between {TIERS[0]} and {TIERS[-1]}, or null for all")
        return None if tiers is None or set(tiers) == set(TIERS) else tuple(sorted(set(tiers)))

    @field_validator("labels", "sources")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(names))


class EvaluatorConfig(BaseModel):
    """How models are evaluated and blessed.

    A gate on a slice with fewer than `min_positives` positives passes, marked as not judged.
    """

    model_config = _STRICT

    thresholds: tuple[Threshold, ...] = Field(
        default=tuple(Threshold(source=source) for source in SOURCES),
        description="Values to reach, at most one for a label on a source.",
    )
    tolerances: tuple[Tolerance, ...] = Field(
        default=(Tolerance(), Tolerance(tiers=LOW_TIERS)),
        description="Comparisons with the last blessed model, at most one for a label on a source and the same tiers: "
        "where one label has its own, another entry names the other labels.",
    )
    min_positives: int = Field(default=20, ge=1, description="Fewer positives than this are marked, not judged.")
    max_scores: int = Field(
        default=200_000,
        ge=50_000,
        description="Distinct scores up to which AP is exact; beyond, scores are rounded (error below 0.1 %).",
    )

    @field_validator("thresholds")
    @classmethod
    def _one_threshold(cls, thresholds: tuple[Threshold, ...]) -> tuple[Threshold, ...]:
        _refuse_twice([(f"{one.label} on {one.source}s",) for one in thresholds])
        return thresholds

    @field_validator("tolerances")
    @classmethod
    def _one_tolerance(cls, tolerances: tuple[Tolerance, ...]) -> tuple[Tolerance, ...]:
        _refuse_twice(
            [
                [f"{label} on {source}s{of_tiers(one.tiers)}" for label in one.labels for source in one.sources]
                for one in tolerances
            ]
        )
        return tolerances


def of_tiers(tiers: tuple[int, ...] | None) -> str:
    """The tiers as words to put behind what is read on them, none for all."""
    return "" if tiers is None else f" of stream tiers {', '.join(map(str, tiers))}"


def _refuse_twice(entries: Iterable[Iterable[str]]) -> None:
    """Refuses what two entries hold to a bound, since it would be a guess which one is meant."""
    first: dict[str, int] = {}
    for number, held in enumerate(entries, start=1):
        for what in held:
            if what in first:
                raise ValueError(
                    f"entries {first[what]} and {number} both hold {what} to a bound; leave it out of one of them"
                )
            first[what] = number
