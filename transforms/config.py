"""Which features there are, and how their values become ids: the config's section `features`."""

from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from transforms.feature import Feature, Group
from transforms.features import FEATURES, of_groups
from transforms.labelled import KEYS

GROUPS: tuple[Group, ...] = get_args(Group)

NEVER_INPUTS = frozenset(
    {"impressions.impression_id", "impressions.timestamp", "impressions.source", "impressions.user_id"}
    | {"impressions.spend_micros", "users.user_id", "derived.stream_tier", "derived.less_streamed"}
)
"""Columns for masks, slices and joins, which a model must not see (docs/data.md#features)."""


class FeaturesConfig(BaseModel):
    """The features of a run: the table, what is added to it and what is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: tuple[Group, ...] = Field(
        default=GROUPS, min_length=1, description="groups that models take; the others are switched off (ablation)"
    )
    extra: tuple[Feature, ...] = Field(default=(), description="features beyond the table, from columns of the logs")
    without: tuple[str, ...] = Field(default=(), description="names of features of the table to leave out")
    vocabulary_size: int = Field(
        default=10_000, gt=0, description="most values kept in the vocabulary of one category feature, by count"
    )
    vocabulary_min_count: int = Field(
        default=5, gt=0, description="training rows a value needs to get an id of its own; rarer ones share one id"
    )
    buckets: dict[str, int] = Field(
        default_factory=dict, description="hash buckets by the name of a hashed feature, in place of the table's"
    )

    @field_validator("groups")
    @classmethod
    def _in_one_order(cls, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        """Their order chooses nothing, and must not change a cache key."""
        return tuple(group for group in GROUPS if group in groups)

    @field_validator("extra")
    @classmethod
    def _may_be_inputs(cls, extra: tuple[Feature, ...]) -> tuple[Feature, ...]:
        differing = {feature.column for feature in FEATURES if feature.per == "candidate"}
        for feature in extra:
            if feature.column in NEVER_INPUTS:
                raise ValueError(f"{feature.name}: {feature.column} may not be a model input")
            if feature.per == "request" and feature.column in differing:
                raise ValueError(f"{feature.name}: {feature.column} differs by candidate; write per: candidate")
        return extra

    @field_validator("without")
    @classmethod
    def _known(cls, without: tuple[str, ...]) -> tuple[str, ...]:
        """In the table's order: theirs chooses nothing, and must not change a cache key."""
        names = [feature.name for feature in FEATURES]
        for name in without:
            if name not in names:
                raise ValueError(f"unknown feature {name!r}; valid names are {', '.join(names)}")
        return tuple(name for name in names if name in without)

    @field_validator("buckets")
    @classmethod
    def _hashed(cls, buckets: dict[str, int], info: ValidationInfo) -> dict[str, int]:
        """In the table's order and without those that are the feature's own: they choose nothing, nor change a key."""
        without = info.data.get("without", ())
        kept = (*(one for one in FEATURES if one.name not in without), *info.data.get("extra", ()))
        hashed = dict.fromkeys(one.name for one in (*FEATURES, *kept) if one.kind == "hashed")
        for name, number in buckets.items():
            if name not in hashed:
                raise ValueError(f"{name!r} is no hashed feature; valid names are {', '.join(hashed)}")
            if number < 1:
                raise ValueError(f"{name} needs at least one bucket, not {number}")
        return {
            one.name: buckets[one.name]
            for one in kept
            if one.kind == "hashed" and buckets.get(one.name, one.buckets) != one.buckets
        }

    @model_validator(mode="after")
    def _new_names(self) -> "FeaturesConfig":
        taken = {feature.name for feature in FEATURES if feature.name not in self.without} | set(KEYS.names)
        for feature in self.extra:
            if feature.name in taken:
                raise ValueError(
                    f"extra: the name {feature.name!r} is taken; choose another, or name the table's one in `without`"
                )
            taken.add(feature.name)
        return self

    @model_validator(mode="after")
    def _something_left(self) -> "FeaturesConfig":
        if not self.chosen():
            raise ValueError("`groups` and `without` leave no feature at all")
        return self

    def table(self) -> tuple[Feature, ...]:
        """Every feature that ingestion fills and Transform knows, whatever groups are on, in the table's order."""
        kept = (*(feature for feature in FEATURES if feature.name not in self.without), *self.extra)
        return tuple(
            feature.model_copy(update={"buckets": self.buckets[feature.name]})
            if feature.name in self.buckets
            else feature
            for feature in kept
        )

    def chosen(self) -> tuple[Feature, ...]:
        """The features of the groups that are switched on, in the table's order."""
        return of_groups(self.table(), self.groups)

    def for_transform(self) -> dict[str, object]:
        """What Transform depends on, JSON-able: Transform's `custom_config`.

        The groups are not in it, so that an ablation reuses the Transform of the full run.
        """
        return {"features": self.model_dump(mode="json", exclude={"groups"})}
