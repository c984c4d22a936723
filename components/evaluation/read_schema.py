"""The few columns of each example that an evaluation reads: decoding all of a hundred features takes long."""

from collections.abc import Iterable

import pyarrow as pa
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_model_analysis.proto import config_pb2

from components.evaluation.eval_config import kept_by
from components.evaluation.score_files import SHOW_AGE, texts_of
from transforms.feature import Feature
from transforms.labelled import LESS_STREAMED, STREAM_TIER, TIER_MS, TIER_STREAMS

USER = "user_id"  # of intervals; never sliced by
SOURCE = "source"
NOT_IN_EXAMPLES = frozenset({STREAM_TIER, LESS_STREAMED})
"""Columns that are made of `TIER_MS` and `TIER_STREAMS`, which the examples have."""


def slice_columns(config: config_pb2.EvalConfig) -> tuple[str, ...]:
    """The columns that rows are sliced by, with those that masks and conditions need."""
    sliced = {key for spec in config.slicing_specs for key in (*spec.feature_keys, *spec.feature_values)}
    return tuple(sorted(sliced | {SOURCE, STREAM_TIER}))


def text_columns(config: config_pb2.EvalConfig) -> tuple[str, ...]:
    """The texts of the examples that slices, intervals, and kept scores need."""
    keep = kept_by(config)
    names = (*slice_columns(config), USER, *(texts_of(keep) if keep else ()))
    return tuple(name for name in dict.fromkeys(names) if name not in NOT_IN_EXAMPLES)


def read_schema(config: config_pb2.EvalConfig, features: Iterable[Feature]) -> schema_pb2.Schema:
    """The schema of these columns; the model takes its inputs from the serialized examples.

    Args:
        config: of the evaluation.
        features: every feature of the examples.
    """
    labels = dict.fromkeys(config.model_specs[0].label_keys.values())
    types = (
        dict.fromkeys(text_columns(config), schema_pb2.BYTES)
        | dict.fromkeys((*labels, TIER_MS, TIER_STREAMS), schema_pb2.INT)
        | {
            feature.name: schema_pb2.FLOAT if feature.storage.arrow == pa.float32() else schema_pb2.INT
            for feature in features
            if feature.name == SHOW_AGE
        }
    )
    return schema_pb2.Schema(feature=[schema_pb2.Feature(name=name, type=type_) for name, type_ in types.items()])
