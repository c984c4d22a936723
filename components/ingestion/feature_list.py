"""The parts of the feature table that ingestion reads, as text: for parameters and names of kept results."""

import json

from transforms.feature import Feature

_READ = {"name", "kind", "column"}
_READ_OF_SEVERAL = _READ | {"length"}
_NEUTRAL = {"group": "user", "per": "candidate"}  # a Feature must have these, and ingestion does not read them


def features_to_json(features: tuple[Feature, ...]) -> str:
    """The parts of the feature table that ingestion reads, as JSON."""
    return json.dumps(
        [feature.model_dump(include=_READ_OF_SEVERAL if feature.storage.several else _READ) for feature in features]
    )


def features_from_json(text: str) -> tuple[Feature, ...]:
    """The features of `features_to_json`, with neutral values for the parts that ingestion does not read."""
    return tuple(Feature.model_validate(_NEUTRAL | feature) for feature in json.loads(text))
