"""Checks that a feature table fits the sources and labels of a run. Each message begins with the config's key."""

import difflib
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase

from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import built_in_features
from transforms.labelled import RESERVED


def problem_without_candidates(features: tuple[Feature, ...]) -> str | None:
    """Why no model can rank candidates by these features; None where at least one differs between candidates."""
    if any(feature.per == "candidate" for feature in features):
        return None
    return (
        "no feature is left that differs between the candidates of a request, so a model cannot rank them; keep at "
        "least one feature with `per: candidate`"
    )


def check_built_in(built_in: tuple[Feature, ...]) -> None:
    """Refuses a domain whose sources and kinds give two features one name."""
    names = Counter(feature.name for feature in built_in)
    for feature in built_in:
        if names[feature.name] > 1:
            raise ValueError(
                f"sources and labels: two features of response history have the name {feature.name}; rename a source "
                "or an interaction kind"
            )


def check_left_out(without: tuple[str, ...], built_in: tuple[Feature, ...]) -> None:
    """Refuses a name or pattern that no built-in feature has."""
    names = [feature.name for feature in built_in]
    for pattern in without:
        if not any(fnmatchcase(name, pattern) for name in names):
            close = difflib.get_close_matches(pattern, names, n=3)
            hint = f"; did you mean {' or '.join(close)}?" if close else "; docs/data.md#features has the names"
            raise ValueError(f"features.without: there is no built-in feature {pattern!r}{hint}")


def check_labels(domain: Domain, table: tuple[Feature, ...]) -> None:
    """Refuses a label with the name of a key column or a feature."""
    for label in domain.labels:
        if label in RESERVED:
            raise ValueError(f"labels: {reserved(label)}")
    for feature in table:
        if feature.name in domain.labels:
            raise ValueError(
                f"labels: {feature.name!r} is also the name of a feature; rename the label, or rename or leave out "
                "the feature (`features.extra`, `features.without`)"
            )


def check_extra(extra: tuple[Feature, ...], kept: tuple[Feature, ...], domain: Domain) -> None:
    """Refuses own features that do not fit the domain, or the built-in ones that are `kept`."""
    by_candidate = {feature.column for feature in built_in_features(domain) if feature.per == "candidate"}
    built_in = {feature.name for feature in kept}
    by_name = {feature.name: feature for feature in (*kept, *extra)}
    for feature in extra:
        if feature.name in built_in:
            raise ValueError(
                f"features.extra: the name {feature.name!r} is taken; choose another, or leave out the table's feature "
                "of this name with `features.without`"
            )
        if feature.per == "request" and feature.column in by_candidate:
            raise ValueError(
                f"features.extra: {feature.name}: {feature.column} differs by candidate; write per: candidate"
            )
        if feature.shares in by_name and not is_hashed(by_name[feature.shares]):
            raise ValueError(
                f"features.extra: {feature.name} shares the rows of {feature.shares}, which has no hash buckets of "
                "its own; name another feature"
            )
        if feature.source is not None and feature.source not in domain.sources:
            raise ValueError(
                f"features.extra: {feature.name} has the source {feature.source!r}, which is not declared; valid "
                f"sources are {', '.join(domain.sources)}"
            )


def check_buckets(buckets: Mapping[str, int], features: tuple[Feature, ...]) -> None:
    """Refuses a number of buckets for a feature without hash buckets of its own."""
    hashed = dict.fromkeys(feature.name for feature in features if is_hashed(feature))
    for name in buckets:
        if name not in hashed:
            raise ValueError(f"features.buckets: {name!r} is not a hashed feature; valid names are {', '.join(hashed)}")


def is_hashed(feature: Feature) -> bool:
    """Whether the feature has hash buckets of its own."""
    return feature.storage.encoding == "hash" and feature.shares is None


def reserved(name: str) -> str:
    """Why no label and no feature can have the name of a key column."""
    return f"the name {name!r} belongs to a column that every labelled impression has; choose another"
