"""The schema of the labelled examples, generated from the table of features (for ImportSchemaGen)."""

from collections.abc import MutableMapping

import pyarrow as pa
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2

from transforms.domain import Domain
from transforms.feature import Feature
from transforms.labelled import TIER_MS, TIER_STREAMS, key_schema

TRAINING = "TRAINING"
SERVING = "SERVING"

_OPTIONAL_KEYS = ("spend_micros",)


def build_schema(features: tuple[Feature, ...], domain: Domain) -> schema_pb2.Schema:
    """The curated schema: the columns that every example must have, and how they become tensors.

    Keys and labels are required in the environment TRAINING and absent in SERVING. A feature may be missing from an
    example; as a tensor it is then "" or NaN, and an empty row where there may be several values.
    """
    schema = schema_pb2.Schema(default_environment=[TRAINING, SERVING])
    names = {feature.name for feature in features}
    for field in key_schema(domain):
        if field.name not in names:
            _add_key(schema, field, domain)
    for feature in features:
        _add_feature(schema, feature)
    return schema


def raw_feature_spec(features: tuple[Feature, ...]) -> dict[str, tf.io.FixedLenFeature | tf.io.RaggedFeature]:
    """The parsing of tf.Examples into the tensors that the Transform graph takes; agrees with `build_schema`."""
    return {feature.name: _spec(feature) for feature in features}


def _spec(feature: Feature) -> tf.io.FixedLenFeature | tf.io.RaggedFeature:
    kind, dtype = feature.storage, tf.as_dtype(feature.storage.dtype)
    if kind.several == "ragged":
        return tf.io.RaggedFeature(dtype, row_splits_dtype=tf.int64)
    if kind.several == "fixed":
        return tf.io.FixedLenFeature([feature.length], dtype, [kind.missing] * feature.length)
    return tf.io.FixedLenFeature([], dtype, kind.missing)


def _add_key(schema: schema_pb2.Schema, field: pa.Field, domain: Domain) -> None:
    column = schema.feature.add(name=field.name, not_in_environment=[SERVING])
    column.type = schema_pb2.BYTES if pa.types.is_string(field.type) else schema_pb2.INT
    column.value_count.max = 1
    if field.name not in _OPTIONAL_KEYS:
        column.presence.min_fraction = 1.0
        column.presence.min_count = 1
        column.value_count.min = 1
    if field.name in domain.labels:
        column.int_domain.min, column.int_domain.max = 0, 1
    if field.name in (TIER_MS, TIER_STREAMS):
        column.int_domain.min = 0
    if field.name == "source":
        column.string_domain.value.extend(domain.sources)
    representation = _representations(schema)[field.name]
    representation.varlen_sparse_tensor.column_name = field.name


def _add_feature(schema: schema_pb2.Schema, feature: Feature) -> None:
    kind = feature.storage
    column = schema.feature.add(name=feature.name)
    column.type = schema_pb2.FLOAT if kind.is_number else schema_pb2.BYTES
    representation = _representations(schema)[feature.name]
    if kind.several == "ragged":
        representation.ragged_tensor.feature_path.step.append(feature.name)
        return
    length = kind.values(feature.length)
    column.value_count.min = column.value_count.max = length
    dense = representation.dense_tensor
    dense.column_name = feature.name
    dense.shape.SetInParent()
    if kind.several == "fixed":
        dense.shape.dim.add(size=length)
    if isinstance(kind.missing, float):
        dense.default_value.float_value = kind.missing
    else:
        dense.default_value.bytes_value = kind.missing.encode()


def _representations(schema: schema_pb2.Schema) -> MutableMapping[str, schema_pb2.TensorRepresentation]:
    return schema.tensor_representation_group[""].tensor_representation
