"""The features of `transforms.preprocessing`, computed with the analyzers of tf.Transform itself, as a comparison."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from transforms.config import TransformConfig
from transforms.feature import Feature
from transforms.kinds import Encoding

Raw = Mapping[str, tf.Tensor | tf.RaggedTensor]


def one_by_one(inputs: Raw, custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """One analyzer for each feature, as tutorials do."""
    outputs = {}
    for feature in TransformConfig.model_validate(custom_config["features"]).table:
        value = inputs[feature.name]
        match feature.storage.encoding:
            case "z_score":
                outputs[feature.name] = tft.scale_to_z_score(_present(value, feature))
            case "hash":
                outputs[feature.name] = tf.strings.to_hash_bucket_fast(value, feature.buckets)
            case "as_is":
                outputs[feature.name] = value
            case "vocabulary":
                outputs[feature.name] = tft.compute_and_apply_vocabulary(_dense(value, feature), frequency_threshold=5)
    return outputs


def fused(inputs: Raw, custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """One analyzer for all numbers, one for all vocabularies."""
    features = TransformConfig.model_validate(custom_config["features"]).table
    numbers = [_present(inputs[feature.name], feature) for feature in _encoded(features, "z_score")]
    values = [
        f"{feature.name}\x1f" + _dense(inputs[feature.name], feature) for feature in _encoded(features, "vocabulary")
    ]
    hashed = [
        tf.strings.to_hash_bucket_fast(_dense(inputs[feature.name], feature), feature.buckets)
        for feature in _encoded(features, "hash")
    ]
    return {
        "numbers": tft.scale_to_z_score(tf.stack(numbers, axis=1), elementwise=True),
        "values": tft.compute_and_apply_vocabulary(tf.concat(values, axis=1), frequency_threshold=5),
        "hashed": tf.concat(hashed, axis=1),
        **{feature.name: inputs[feature.name] for feature in _encoded(features, "as_is")},
    }


def _encoded(features: tuple[Feature, ...], encoding: Encoding) -> list[Feature]:
    return [feature for feature in features if feature.storage.encoding == encoding]


def _present(value: tf.Tensor, feature: Feature) -> tf.Tensor:
    value = tf.where(tf.math.is_nan(value), 0.0, value)
    return tf.math.log1p(value) if feature.log else value


def _dense(value: tf.Tensor | tf.RaggedTensor, feature: Feature) -> tf.Tensor:
    if isinstance(value, tf.RaggedTensor):
        return value.to_tensor("", shape=[None, feature.length])
    return value[:, None]
