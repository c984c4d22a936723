"""The config's section `features`: the features of a run, and how their values become ids."""

from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from transforms.domain import Domain
from transforms.feature import Feature, Group
from transforms.features import FEATURES, of_groups
from transforms.labelled import RESERVED

GROUPS: tuple[Group, ...] = get_args(Group)

NEVER_INPUTS = frozenset(
    {"impressions.impression_id", "impressions.timestamp", "impressions.source", "impressions.user_id"}
    | {"impressions.spend_micros", "users.user_id", "derived.stream_tier", "derived.less_streamed"}
    | {"derived.tier_ms", "derived.tier_streams"}
)
"""Columns for masks, slices, and joins, which a model must not see (docs/data.md#features)."""


def problem_without_candidates(features: tuple[Feature, ...]) -> str | None:
    """Why no model can rank candidates by these features; None where at least one differs between candidates."""
    if any(feature.per == "candidate" for feature in features):
        return None
    return (
        "no feature is left that differs between the candidates of a request, so a model cannot rank them; keep at "
        "least one feature with `per: candidate`"
    )


class FeaturesConfig(BaseModel):
    """The features of a run: the table, the rows added to it, and the names left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: tuple[Group, ...] = Field(
        default=GROUPS, min_length=1, description="Groups of features that models use. Leave one out for an ablation."
    )
    extra: tuple[Feature, ...] = Field(default=(), description="Your own features, from columns of the logs.")
    without: tuple[str, ...] = Field(default=(), description="Names of built-in features to leave out.")
    vocabulary_size: int = Field(
        default=10_000, gt=0, description="Most values in the vocabulary of one feature. It keeps the most frequent."
    )
    vocabulary_min_count: int = Field(
        default=5,
        gt=0,
        description="A value in fewer training rows gets no id of its own. All such values share one id.",
    )
    buckets: dict[str, int] = Field(
        default_factory=dict,
        description="Number of hash buckets by name of a hashed feature, in place of the built-in number.",
    )

    @field_validator("groups")
    @classmethod
    def _in_one_order(cls, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        """Sorted, since the order of the groups has no effect and must not change a cache key."""
        return tuple(group for group in GROUPS if group in groups)

    @field_validator("extra")
    @classmethod
    def _may_be_inputs(cls, extra: tuple[Feature, ...]) -> tuple[Feature, ...]:
        by_candidate = {feature.column for feature in FEATURES if feature.per == "candidate"}
        for feature in extra:
            if feature.column in NEVER_INPUTS:
                raise ValueError(f"{feature.name}: {feature.column} may not be a model input")
            if feature.per == "request" and feature.column in by_candidate:
                raise ValueError(f"{feature.name}: {feature.column} differs by candidate; write per: candidate")
        return extra

    @field_validator("without")
    @classmethod
    def _known(cls, without: tuple[str, ...]) -> tuple[str, ...]:
        """In the table's order, since their own order has no effect and must not change a cache key."""
        names = [feature.name for feature in FEATURES]
        for name in without:
            if name not in names:
                raise ValueError(f"unknown feature {name!r}; valid names are {', '.join(names)}")
        return tuple(name for name in names if name in without)

    @field_validator("buckets")
    @classmethod
    def _hashed(cls, buckets: dict[str, int], info: ValidationInfo) -> dict[str, int]:
        """In the table's order and without those equal to the feature's own, which must not change a cache key."""
        without = info.data.get("without", ())
        kept = (*(feature for feature in FEATURES if feature.name not in without), *info.data.get("extra", ()))
        hashed = dict.fromkeys(feature.name for feature in (*FEATURES, *kept) if _is_hashed(feature))
        for name, number in buckets.items():
            if name not in hashed:
                raise ValueError(f"{name!r} is not a hashed feature; valid names are {', '.join(hashed)}")
            if number < 1:
                raise ValueError(f"{name} needs at least one bucket, not {number}")
        return {
            feature.name: buckets[feature.name]
            for feature in kept
            if _is_hashed(feature) and buckets.get(feature.name, feature.buckets) != feature.buckets
        }

    @model_validator(mode="after")
    def _new_names(self) -> "FeaturesConfig":
        taken = {feature.name for feature in FEATURES if feature.name not in self.without}
        for feature in self.extra:
            if feature.name in RESERVED:
                raise ValueError(f"extra: {_reserved(feature.name)}")
            if feature.name in taken:
                raise ValueError(
                    f"extra: the name {feature.name!r} is taken; choose another, or leave out the table's feature of "
                    "this name with `without`"
                )
            taken.add(feature.name)
        return self

    @model_validator(mode="after")
    def _ranks_candidates(self) -> "FeaturesConfig":
        if problem := problem_without_candidates(self.chosen()):
            raise ValueError(f"`groups` and `without`: {problem}")
        return self

    def check(self, domain: Domain) -> None:
        """Checks the features against the sources and labels of a run.

        A built-in feature may have a source that is not declared: then no recipe uses it.

        Raises:
            ValueError: a label has the name of a key column or a feature, or an own feature an undeclared source.
        """
        for label in domain.labels:
            if label in RESERVED:
                raise ValueError(f"labels: {_reserved(label)}")
        for feature in self.table():
            if feature.name in domain.labels:
                raise ValueError(
                    f"labels: {feature.name!r} is also the name of a feature; rename the label, or rename or leave out "
                    "the feature (`features.extra`, `features.without`)"
                )
        by_name = {feature.name: feature for feature in self.table()}
        for feature in self.extra:
            if feature.shares in by_name and not _is_hashed(by_name[feature.shares]):
                raise ValueError(
                    f"features.extra: {feature.name} shares the rows of {feature.shares}, which has no hash buckets of "
                    "its own; name another feature"
                )
            if feature.source is not None and feature.source not in domain.sources:
                raise ValueError(
                    f"features.extra: {feature.name} has the source {feature.source!r}, which is not declared; valid "
                    f"sources are {', '.join(domain.sources)}"
                )

    def table(self) -> tuple[Feature, ...]:
        """Every feature that ingestion fills and Transform knows, in any group, in the table's order."""
        kept = (*(feature for feature in FEATURES if feature.name not in self.without), *self.extra)
        buckets = {feature.name: self.buckets.get(feature.name, feature.buckets) for feature in kept}
        return tuple(
            feature.model_copy(update={"buckets": buckets.get(feature.shares or feature.name, feature.buckets)})
            for feature in kept
        )

    def chosen(self) -> tuple[Feature, ...]:
        """The features of the groups that are switched on, in the table's order."""
        return of_groups(self.table(), self.groups)

    def for_transform(self) -> dict[str, object]:
        """The parts that Transform depends on, as JSON: Transform's `custom_config`.

        The groups are left out, so that an ablation reuses the Transform of the full run.
        """
        return {"features": self.model_dump(mode="json", exclude={"groups"})}


def _is_hashed(feature: Feature) -> bool:
    """Whether the feature has hash buckets of its own."""
    return feature.storage.encoding == "hash" and feature.shares is None


def _reserved(name: str) -> str:
    return f"the name {name!r} belongs to a column that every labelled impression has; choose another"
