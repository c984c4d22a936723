"""Response history: how often something was shown, and how often users responded (docs/data.md#response-history).

The names of its features and the impressions that they count, as data. The feature table and ingestion read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.domain import Domain
from transforms.feature import Feature, Group, Per


@dataclass(frozen=True)
class Entity:
    """Something whose impressions are counted.

    Attributes:
        name: the first part of its features' names.
        group: the group of its features.
        per: whether its features are the same for all candidates of a request.
        of_user: whether only impressions of the same user count, up to the impression itself; otherwise those of all
            users count, over whole days.
    """

    name: str
    group: Group
    per: Per
    of_user: bool

    def shown(self, source: str) -> str:
        """The feature that counts impressions of `source`."""
        return f"{self.name}_{source}_shown_30d"

    def rate(self, source: str, kind: str) -> str:
        """The feature with the rate of responses of `kind` to impressions of `source`."""
        return f"{self.name}_{source}_{kind}_rate_30d"

    def names(self, domain: Domain) -> tuple[str, ...]:
        """The names of all its features."""
        return tuple(
            name
            for source in domain.sources
            for name in (self.shown(source), *(self.rate(source, kind) for kind in domain.response_kinds))
        )


ENTITIES = (
    Entity("user", "user", "request", of_user=True),
    Entity("user_show", "user", "candidate", of_user=True),
    Entity("user_surface", "user", "request", of_user=True),
    Entity("show", "content", "candidate", of_user=False),
    Entity("episode", "content", "candidate", of_user=False),
    Entity("campaign", "creative", "candidate", of_user=False),
    Entity("creative", "creative", "candidate", of_user=False),
    Entity("placement", "creative", "candidate", of_user=False),
)
"""Every entity, in the order of the feature table. A placement is surface, slot, and layout together."""

_OF_IMPRESSIONS = (
    "user_show_impressions_7d",
    "user_seconds_since_impression",
    "user_show_seconds_since_impression",
    "user_responses_30m",
)


def response_features(domain: Domain, group: Group) -> Iterator[Feature]:
    """The features of response history in a group, in the order of `ENTITIES`.

    A feature that counts impressions of one source belongs to it: a model that is not trained on it does not use it.
    """
    for entity in ENTITIES:
        if entity.group == group:
            for source in domain.sources:
                yield _feature(entity, entity.shown(source), source, log=True)
                for kind in domain.response_kinds:
                    yield _feature(entity, entity.rate(source, kind), source, log=False)


def needs_rates(features: tuple[Feature, ...], domain: Domain) -> bool:
    """Whether a feature is made of a response rate."""
    rates = {
        f"derived.{entity.rate(source, kind)}"
        for entity in ENTITIES
        for source in domain.sources
        for kind in domain.response_kinds
    }
    return any(feature.column in rates for feature in features)


def counts_impressions(feature: Feature) -> bool:
    """Whether the feature looks back at impressions over days.

    It grows over the first 30 days of impressions, however long the logs of interactions are.
    """
    name = feature.column.removeprefix("derived.")
    return name in _OF_IMPRESSIONS or (
        name.endswith(("_shown_30d", "_rate_30d")) and name.startswith(tuple(f"{entity.name}_" for entity in ENTITIES))
    )


def _feature(entity: Entity, name: str, source: str, *, log: bool) -> Feature:
    return Feature(
        name=name, group=entity.group, kind="numeric", column=f"derived.{name}", per=entity.per, source=source, log=log
    )
