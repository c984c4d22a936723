"""The same features as `transforms.preprocessing` with the analyzers of tf.Transform itself, to compare with."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from transforms.config import FeaturesConfig
from transforms.feature import Feature

Raw = Mapping[str, tf.Tensor | tf.RaggedTensor]


def one_by_one(inputs: Raw, custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """One analyzer for each feature, as tutorials do."""
    outputs = {}
    for feature in FeaturesConfig.model_validate(custom_config["features"]).table():
        value = inputs[feature.name]
        if feature.kind == "numeric":
            outputs[feature.name] = tft.scale_to_z_score(_present(value, feature))
        elif feature.kind == "hashed":
            outputs[feature.name] = tf.strings.to_hash_bucket_fast(value, feature.buckets)
        elif feature.kind == "vector":
            outputs[feature.name] = value
        else:
            outputs[feature.name] = tft.compute_and_apply_vocabulary(_dense(value, feature), frequency_threshold=5)
    return outputs


def fused(inputs: Raw, custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """One analyzer for all numbers, one for all vocabularies."""
    table = FeaturesConfig.model_validate(custom_config["features"]).table()
    numeric = [_present(inputs[one.name], one) for one in table if one.kind == "numeric"]
    values = [
        f"{one.name}\x1f" + _dense(inputs[one.name], one) for one in table if one.kind in ("category", "categories")
    ]
    hashed = [tf.strings.to_hash_bucket_fast(inputs[one.name], one.buckets) for one in table if one.kind == "hashed"]
    return {
        "numbers": tft.scale_to_z_score(tf.stack(numeric, axis=1), elementwise=True),
        "values": tft.compute_and_apply_vocabulary(tf.concat(values, axis=1), frequency_threshold=5),
        "hashed": tf.stack(hashed, axis=1),
        **{one.name: inputs[one.name] for one in table if one.kind == "vector"},
    }


def _present(value: tf.Tensor, feature: Feature) -> tf.Tensor:
    value = tf.where(tf.math.is_nan(value), 0.0, value)
    return tf.math.log1p(value) if feature.log else value


def _dense(value: tf.Tensor | tf.RaggedTensor, feature: Feature) -> tf.Tensor:
    if feature.kind == "categories":
        return value.to_tensor("", shape=[None, feature.length])
    return value[:, None]
