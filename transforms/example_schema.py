"""The schema of the labelled examples, generated from the table of features (for ImportSchemaGen)."""

import math
from collections.abc import MutableMapping

import pyarrow as pa
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2

from transforms.feature import Feature
from transforms.labelled import KEYS, STREAM_TIERS
from transforms.labels import LABELS, SOURCES

TRAINING = "TRAINING"
SERVING = "SERVING"

_OPTIONAL_KEYS = ("spend_micros",)
_RANGES = {**dict.fromkeys((*LABELS, "less_streamed"), (0, 1)), "stream_tier": (0, STREAM_TIERS - 1)}


def build_schema(features: tuple[Feature, ...]) -> schema_pb2.Schema:
    """The curated schema: what every example must hold, and how it becomes tensors.

    Keys and labels are required in the environment TRAINING and absent in SERVING. A feature may be missing from an
    example; as a tensor it is then "" or NaN, and an empty row where there may be several values.
    """
    schema = schema_pb2.Schema(default_environment=[TRAINING, SERVING])
    names = {feature.name for feature in features}
    for field in KEYS:
        if field.name not in names:
            _add_key(schema, field)
    for feature in features:
        _add_feature(schema, feature)
    return schema


def raw_feature_spec(features: tuple[Feature, ...]) -> dict[str, tf.io.FixedLenFeature | tf.io.RaggedFeature]:
    """How tf.Examples are parsed into the tensors that the Transform graph takes; the same as `build_schema` says."""
    return {feature.name: _spec(feature) for feature in features}


def _spec(feature: Feature) -> tf.io.FixedLenFeature | tf.io.RaggedFeature:
    if feature.kind == "categories":
        return tf.io.RaggedFeature(tf.string, row_splits_dtype=tf.int64)
    if feature.kind == "vector":
        return tf.io.FixedLenFeature([feature.length], tf.float32, [math.nan] * feature.length)
    if feature.kind == "numeric":
        return tf.io.FixedLenFeature([], tf.float32, math.nan)
    return tf.io.FixedLenFeature([], tf.string, "")


def _add_key(schema: schema_pb2.Schema, field: pa.Field) -> None:
    column = schema.feature.add(name=field.name, not_in_environment=[SERVING])
    column.type = schema_pb2.BYTES if pa.types.is_string(field.type) else schema_pb2.INT
    column.value_count.max = 1
    if field.name not in _OPTIONAL_KEYS:
        column.presence.min_fraction = 1.0
        column.presence.min_count = 1
        column.value_count.min = 1
    if field.name in _RANGES:
        column.int_domain.min, column.int_domain.max = _RANGES[field.name]
    if field.name == "source":
        column.string_domain.value.extend(SOURCES)
    representation = _representations(schema)[field.name]
    representation.varlen_sparse_tensor.column_name = field.name


def _add_feature(schema: schema_pb2.Schema, feature: Feature) -> None:
    column = schema.feature.add(name=feature.name)
    column.type = schema_pb2.FLOAT if feature.kind in ("numeric", "vector") else schema_pb2.BYTES
    representation = _representations(schema)[feature.name]
    if feature.kind == "categories":
        representation.ragged_tensor.feature_path.step.append(feature.name)
        return
    length = feature.length if feature.kind == "vector" else 1
    column.value_count.min = column.value_count.max = length
    dense = representation.dense_tensor
    dense.column_name = feature.name
    dense.shape.SetInParent()
    if feature.kind == "vector":
        dense.shape.dim.add(size=length)
    if column.type == schema_pb2.FLOAT:
        dense.default_value.float_value = math.nan
    else:
        dense.default_value.bytes_value = b""


def _representations(schema: schema_pb2.Schema) -> MutableMapping[str, schema_pb2.TensorRepresentation]:
    return schema.tensor_representation_group[""].tensor_representation
