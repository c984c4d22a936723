"""The asset files of Transform's SavedModel: ids of listed values, quantiles of numbers, and the table of features.

`vocabulary.txt` has a line for every listed value of every feature with a vocabulary: the feature's name, a unit
separator (so that one lookup serves all features), the value, a tab, its id. `quantiles.json` has for each z-scored
feature the quantiles of its z-scores. `features.json` is the table that Transform ran over.
"""

import json
from collections import Counter
from collections.abc import Mapping

import tensorflow as tf

from transforms.feature import Feature

SEPARATOR = "\x1f"
DELIMITER = "\t"
VOCABULARY = "vocabulary.txt"
TABLE = "features.json"
QUANTILES = "quantiles.json"

Quantiles = tuple[tuple[float, ...], ...]
"""For each value of a z-scored feature, rising boundaries of equally filled bins, from the least to the greatest."""

MISSING_ID = 0
"""The id of a missing value, and of padding after the last of several values."""

OTHER_ID = 1
"""The id of every value of a feature that its vocabulary does not list."""

FIRST_ID = 2
"""The id of the most frequent value."""


def table_text(table: tuple[Feature, ...]) -> bytes:
    """The content of `features.json`."""
    return json.dumps([feature.model_dump(mode="json") for feature in table], indent=1).encode()


def vocabulary_text(listed: Mapping[str, list[bytes]]) -> bytes:
    """The content of `vocabulary.txt`.

    Args:
        listed: by feature, the values that get ids of their own, by rank; no value is empty or has a tab or line break.
    """
    return b"".join(
        b"%s%s%s%d\n" % ((name + SEPARATOR).encode(), value, DELIMITER.encode(), id_)
        for name, values in listed.items()
        for id_, value in [(MISSING_ID, b""), *enumerate(values, start=FIRST_ID)]
    )


def quantiles_text(quantiles: Mapping[str, Quantiles]) -> bytes:
    """The content of `quantiles.json`."""
    return json.dumps(quantiles).encode()


def read_quantiles(savedmodel: str) -> dict[str, Quantiles]:
    """By z-scored feature, the quantiles of its z-scores over the training rows."""
    by_feature = json.loads(_read(savedmodel, QUANTILES))
    return {name: tuple(tuple(boundaries) for boundaries in values) for name, values in by_feature.items()}


def read_vocabularies(savedmodel: str) -> dict[str, tuple[str, ...]]:
    """By feature, the values that `vocabulary.txt` lists, by id from `FIRST_ID`.

    Bytes that are not UTF-8 become lone surrogates. A feature without a listed value has no entry.
    """
    listed: dict[str, dict[int, str]] = {}
    for line in filter(None, _read(savedmodel, VOCABULARY).split(b"\n")):
        key, _, id_ = line.rpartition(DELIMITER.encode())
        name, _, value = key.partition(SEPARATOR.encode())
        if int(id_) != MISSING_ID:
            listed.setdefault(name.decode(), {})[int(id_)] = value.decode("utf-8", "surrogateescape")
    return {name: tuple(by_id[id_] for id_ in range(FIRST_ID, FIRST_ID + len(by_id))) for name, by_id in listed.items()}


def read_table(savedmodel: str) -> tuple[Feature, ...]:
    """The table of features that the Transform graph in the folder `savedmodel` was made from, in its order."""
    return tuple(Feature.model_validate(row) for row in json.loads(_read(savedmodel, TABLE)))


def read_ids(savedmodel: str) -> dict[str, int]:
    """For each feature with ids, the number of its ids, with those for missing and unlisted values."""
    table = read_table(savedmodel)
    ids = {feature.name: feature.buckets + 1 for feature in table if feature.storage.encoding == "hash"}
    if any(feature.storage.encoding == "vocabulary" for feature in table):
        lines = _read(savedmodel, VOCABULARY).split(b"\n")
        # Each feature has a line for id 0 and none for id 1.
        listed = Counter(line.split(SEPARATOR.encode(), 1)[0].decode() for line in lines if line)
        ids |= {name: count + 1 for name, count in listed.items()}
    return ids


def _read(savedmodel: str, name: str) -> bytes:
    with tf.io.gfile.GFile(f"{savedmodel}/assets/{name}", "rb") as file:
        return file.read()
