"""The list of raw features that an exported model takes; the Evaluator checks that its rows have them all."""

import json

import tensorflow as tf

from models.signatures import FEATURES_FILE
from transforms.feature import Feature

_FIELDS = {"name", "kind", "column", "per", "length"}


def write_features(features: tuple[Feature, ...], savedmodel: str) -> None:
    """Adds `FEATURES_FILE` to a SavedModel: a JSON list with `name`, `kind`, `column`, `per`, and `length` of each."""
    path = f"{savedmodel}/{FEATURES_FILE}"
    tf.io.gfile.makedirs(path.rpartition("/")[0])
    with tf.io.gfile.GFile(path, "w") as file:
        file.write(json.dumps([feature.model_dump(mode="json", include=_FIELDS) for feature in features], indent=1))
