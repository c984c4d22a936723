"""The config's section `features`: the features of a run, and how their values become ids."""

from fnmatch import fnmatchcase
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from transforms.checks import (
    check_buckets,
    check_built_in,
    check_extra,
    check_labels,
    check_left_out,
    is_hashed,
    problem_without_candidates,
    reserved,
)
from transforms.domain import DEFAULT_DOMAIN, Domain
from transforms.feature import Feature, Group
from transforms.features import EMBEDDING_LENGTH, built_in_features, of_groups
from transforms.labelled import RESERVED

GROUPS: tuple[Group, ...] = get_args(Group)

NEVER_INPUTS = frozenset(
    {"impressions.impression_id", "impressions.timestamp", "impressions.source", "impressions.user_id"}
    | {"impressions.spend_micros", "users.user_id", "derived.stream_tier", "derived.less_streamed"}
    | {"derived.tier_ms", "derived.tier_streams"}
)
"""Columns for masks, slices, and joins, which a model must not see (docs/data.md#features)."""


class TransformConfig(BaseModel):
    """The settings that Transform depends on: its `custom_config`.

    Attributes:
        table: every feature that Transform knows.
        vocabulary_size: most values in the vocabulary of one feature.
        vocabulary_min_count: a value in fewer training rows is not in the vocabulary.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: tuple[Feature, ...]
    vocabulary_size: int
    vocabulary_min_count: int


class FeaturesConfig(BaseModel):
    """The features of a run: the built-in table, the rows added to it, and those left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: tuple[Group, ...] = Field(
        default=GROUPS, min_length=1, description="Groups of features that models use. Leave one out for an ablation."
    )
    extra: tuple[Feature, ...] = Field(default=(), description="Your own features, from columns of the logs.")
    without: tuple[str, ...] = Field(
        default=(),
        description="Built-in features to leave out: names, or patterns with `*` and `?`, such as `*_rate_30d`.",
    )
    embedding_length: int = Field(default=EMBEDDING_LENGTH, gt=0, description="Length of the shows' embeddings.")
    vocabulary_size: int = Field(
        default=10_000, gt=0, description="Most values in the vocabulary of one feature. It keeps the most frequent."
    )
    vocabulary_min_count: int = Field(
        default=5,
        gt=0,
        description="A value in fewer training rows gets no id of its own. All such values share one id.",
    )
    buckets: dict[str, Annotated[int, Field(gt=0)]] = Field(
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
        taken = set()
        for feature in extra:
            if feature.column in NEVER_INPUTS:
                raise ValueError(f"{feature.name}: {feature.column} may not be a model input")
            if feature.name in RESERVED:
                raise ValueError(reserved(feature.name))
            if feature.name in taken:
                raise ValueError(f"the name {feature.name!r} is taken; choose another")
            taken.add(feature.name)
        return extra

    def check(self, domain: Domain) -> None:
        """Checks the features against the sources and labels of a run.

        A built-in feature may have a source that is not declared: then no recipe uses it.

        Raises:
            ValueError: the features do not fit the domain or each other; the message begins with the config's key.
        """
        built_in = built_in_features(domain, self.embedding_length)
        check_built_in(built_in)
        check_left_out(self.without, built_in)
        check_labels(domain, self.table(domain))
        check_extra(self.extra, tuple(feature for feature in built_in if not self._leaves_out(feature)), domain)
        check_buckets(self.buckets, (*built_in, *self.extra))
        if problem := problem_without_candidates(self.chosen(domain)):
            raise ValueError(f"features: `groups` and `without`: {problem}")

    def table(self, domain: Domain = DEFAULT_DOMAIN) -> tuple[Feature, ...]:
        """Every feature that ingestion fills and Transform knows, in any group, in the table's order.

        Args:
            domain: the sources and labels of the run, whose response history is part of the table.
        """
        built_in = built_in_features(domain, self.embedding_length)
        kept = (*(feature for feature in built_in if not self._leaves_out(feature)), *self.extra)
        buckets = {
            feature.name: self.buckets.get(feature.name, feature.buckets) for feature in kept if is_hashed(feature)
        }
        return tuple(
            feature.model_copy(update={"buckets": buckets.get(feature.shares or feature.name, feature.buckets)})
            for feature in kept
        )

    def chosen(self, domain: Domain = DEFAULT_DOMAIN) -> tuple[Feature, ...]:
        """The features of the groups that are switched on, in the table's order."""
        return of_groups(self.table(domain), self.groups)

    def for_transform(self, domain: Domain = DEFAULT_DOMAIN) -> dict[str, object]:
        """A `TransformConfig` as JSON, under the key `features`: Transform's `custom_config`.

        The groups are left out, so that an ablation reuses the Transform of the full run.
        """
        config = TransformConfig(
            table=self.table(domain),
            vocabulary_size=self.vocabulary_size,
            vocabulary_min_count=self.vocabulary_min_count,
        )
        return {"features": config.model_dump(mode="json")}

    def _leaves_out(self, feature: Feature) -> bool:
        return any(fnmatchcase(feature.name, pattern) for pattern in self.without)
