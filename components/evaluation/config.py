"""The configuration section `evaluator`: what a model must reach to be blessed, and how finely it is measured."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from components.evaluation.slices import LOW_TIERS, TIERS
from transforms.domain import STREAM, Domain, Name

CANDIDATE, BASELINE = "candidate", "baseline"
"""The two models of an evaluation: the one to be judged, and the last blessed one. TFMA nests values below the names.

So no task can have one of these names: its values would be taken for those of a model.
"""

_STRICT = ConfigDict(extra="forbid", frozen=True)
_Share = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Threshold(BaseModel):
    """Bounds of a model's own figures on each of its sources: AP as a multiple of the base rate, and calibration.

    It applies to every head for the label, on each source that the head is measured on and the recipe is trained on.
    """

    model_config = _STRICT

    label: Name = Field(default=STREAM, description="Label whose heads must reach them.")
    source: Name | None = Field(
        default=None, description="Source on which they must reach them. null: each source by itself."
    )
    min_lift: float = Field(
        default=1.2, ge=0, allow_inf_nan=False, description="Least AP / base rate. Random scores reach 1."
    )
    calibration: tuple[_Share, _Share] | None = Field(
        default=None,
        description="Least and greatest expected / observed outcomes, the sum of the predictions over that of the "
        "labels, for example [0.8, 1.25]. A model fails only if the whole 95 % interval is outside. null: any.",
    )

    @field_validator("calibration")
    @classmethod
    def _rising(cls, bounds: tuple[float, float] | None) -> tuple[float, float] | None:
        if bounds is not None and bounds[0] >= bounds[1]:
            raise ValueError("give the least value first, then a greater one")
        return bounds


class Tolerance(BaseModel):
    """How much worse than the last blessed model of the same branch a model may be.

    Each head of a label on each source is one condition. The larger of the two drops is tolerated. A drop is also
    tolerated if it may be chance: if the 95 % interval of the paired difference on the same rows, by user, reaches 0.
    """

    model_config = _STRICT

    labels: tuple[Name, ...] | None = Field(
        default=None, min_length=1, description="Labels whose heads are compared. null: every label."
    )
    sources: tuple[Name, ...] | None = Field(
        default=None,
        min_length=1,
        description="Sources on which they are compared, each by itself. null: every source.",
    )
    tiers: tuple[int, ...] | None = Field(
        default=None,
        description=f"Stream tiers ({TIERS[0]} to {TIERS[-1]}) whose rows are compared together. null: all tiers.",
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
    def _each_once(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if names is None else tuple(dict.fromkeys(names))


class EvaluatorConfig(BaseModel):
    """How models are evaluated and blessed.

    A condition on rows with fewer than `min_positives` positives passes, marked as not judged.
    """

    model_config = _STRICT

    thresholds: tuple[Threshold, ...] = Field(
        default=(Threshold(),), description="Values to reach, at most one for each label on a source."
    )
    tolerances: tuple[Tolerance, ...] = Field(
        default=(Tolerance(), Tolerance(tiers=LOW_TIERS)),
        description="Comparisons with the last blessed model, at most one for each label on a source and the same "
        "tiers. If one label has its own entry, name the other labels in another entry.",
    )
    compare_with_last: bool = Field(
        default=True,
        description="Whether to compare the model with the last blessed model. With false, only the thresholds decide. "
        "Use false for one run if you change the features.",
    )
    min_positives: int = Field(
        default=20, ge=1, description="With fewer positives, an AP is marked and decides nothing."
    )
    max_scores: int = Field(
        default=200_000,
        ge=50_000,
        description="With more distinct scores, AP rounds them (error below 0.1 %).",
    )

    @field_validator("thresholds")
    @classmethod
    def _one_threshold(cls, thresholds: tuple[Threshold, ...]) -> tuple[Threshold, ...]:
        _reject_twice([((threshold.label,), _sources(threshold), None) for threshold in thresholds])
        return thresholds

    @field_validator("tolerances")
    @classmethod
    def _one_tolerance(cls, tolerances: tuple[Tolerance, ...]) -> tuple[Tolerance, ...]:
        _reject_twice([(tolerance.labels, tolerance.sources, tolerance.tiers) for tolerance in tolerances])
        return tolerances

    def check_names(self, domain: Domain) -> None:
        """Rejects labels and sources that the config does not declare.

        Raises:
            ValueError: an entry names an unknown one; the message begins with its key in the config.
        """
        for number, threshold in enumerate(self.thresholds, start=1):
            _check(f"thresholds: entry {number}", (threshold.label,), _sources(threshold), domain)
        for number, tolerance in enumerate(self.tolerances, start=1):
            _check(f"tolerances: entry {number}", tolerance.labels, tolerance.sources, domain)


def of_tiers(tiers: tuple[int, ...] | None) -> str:
    """The tiers as words that follow a source, nothing for all tiers."""
    return "" if tiers is None else f" of stream tiers {', '.join(map(str, tiers))}"


_Names = tuple[str, ...] | None
"""Names, None for every name."""


def _sources(threshold: Threshold) -> _Names:
    return None if threshold.source is None else (threshold.source,)


def _reject_twice(entries: Sequence[tuple[_Names, _Names, tuple[int, ...] | None]]) -> None:
    """Rejects two entries that bound the same label on the same source and tiers."""
    for number, (labels, sources, tiers) in enumerate(entries, start=1):
        for earlier, (other_labels, other_sources, other_tiers) in enumerate(entries[: number - 1], start=1):
            label, source = _common(labels, other_labels), _common(sources, other_sources)
            if label != "" and source != "" and tiers == other_tiers:
                what = f"{label or 'every label'} on {'every source' if source is None else f'source {source}'}"
                raise ValueError(
                    f"entries {earlier} and {number} both give {what}{of_tiers(tiers)} a bound; leave it out of one of "
                    "them"
                )


def _common(names: _Names, others: _Names) -> str | None:
    """A name that both have, None if both mean every name, "" if they have nothing in common."""
    if names is None or others is None:
        return next(iter(names or others or ()), None)
    return next((name for name in names if name in others), "")


def _check(entry: str, labels: _Names, sources: _Names, domain: Domain) -> None:
    for kind, names, valid in (("label", labels, tuple(domain.labels)), ("source", sources, domain.sources)):
        for name in names or ():
            if name not in valid:
                raise ValueError(
                    f"evaluator.{entry} has the unknown {kind} {name!r}; valid {kind}s are {', '.join(valid)}"
                )
