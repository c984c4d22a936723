"""What Transform learns beside numbers, as asset files of its SavedModel: the ids of each feature, and the table.

`vocabulary.txt` has a line for every id of every feature with a vocabulary, feature by feature: `name`, a unit
separator, the value. The first two lines of a feature are for a missing value and for values that are not listed.
`features.json` is the table that Transform was run over.
"""

import json
from collections import Counter
from pathlib import PurePosixPath

import tensorflow as tf

from transforms.features import Feature

SEPARATOR = "\x1f"
VOCABULARY = "vocabulary.txt"
TABLE = "features.json"


def table_json(table: tuple[Feature, ...]) -> str:
    """The content of `features.json`."""
    return json.dumps([feature.model_dump(mode="json") for feature in table], indent=1)


def read_table(savedmodel: str) -> tuple[Feature, ...]:
    """The table of features that the Transform graph in the folder `savedmodel` was made from, in its order."""
    return tuple(Feature.model_validate(one) for one in json.loads(_read(savedmodel, TABLE)))


def read_ids(savedmodel: str) -> dict[str, int]:
    """For each feature with ids, the number of its ids, the one for a missing value included."""
    vocabularies = Counter(line.split(SEPARATOR)[0] for line in _read(savedmodel, VOCABULARY).split("\n") if line)
    hashed = {one.name: one.buckets + 1 for one in read_table(savedmodel) if one.kind == "hashed"}
    return {**vocabularies, **hashed}


def _read(savedmodel: str, name: str) -> str:
    path = str(PurePosixPath(savedmodel) / "assets" / name)
    with tf.io.gfile.GFile(path, "rb") as file:
        return file.read().decode("utf-8", errors="surrogateescape")
