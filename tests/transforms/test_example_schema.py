import math

import numpy as np
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder
from tfx_bsl.tfxio.tf_example_record import TFExampleRecord

from tests.labelled_rows import random_labelled
from transforms.config import FeaturesConfig
from transforms.domain import DEFAULT_LABELS, Domain, Label
from transforms.example_schema import SERVING, TRAINING, build_schema, raw_feature_spec
from transforms.examples import to_examples
from transforms.features import FEATURES
from transforms.labelled import labelled_schema

SCHEMA = build_schema(FeaturesConfig().table(), Domain())


def test_every_labelled_column_is_in_the_schema_once() -> None:
    names = [feature.name for feature in SCHEMA.feature]
    assert sorted(names) == sorted(labelled_schema(FEATURES, Domain()).names)


def test_only_features_are_expected_when_serving() -> None:
    assert set(SCHEMA.default_environment) == {TRAINING, SERVING}
    serving = {feature.name for feature in SCHEMA.feature if SERVING not in feature.not_in_environment}
    assert serving == {feature.name for feature in FEATURES}


def test_labels_and_keys_are_required_in_training_and_bounded() -> None:
    columns = {feature.name: feature for feature in SCHEMA.feature}
    for name in ("impression_id", "source", "user_id", "stream", "click", "like", "follow", "tier_ms", "tier_streams"):
        assert columns[name].presence.min_fraction == 1.0, name
    assert columns["spend_micros"].presence.min_fraction == 0.0
    assert (columns["stream"].int_domain.min, columns["stream"].int_domain.max) == (0, 1)
    assert not {"stream_tier", "less_streamed"} & set(columns), "reports make them"
    assert list(columns["source"].string_domain.value) == ["promotion", "ad"]
    assert columns["show_embedding"].type == schema_pb2.FLOAT
    assert columns["show_embedding"].value_count.max == 16


def test_beam_reads_the_same_tensors_from_examples_as_serving_does() -> None:
    examples = to_examples(random_labelled(50, seed=5))
    decoder = ExamplesToRecordBatchDecoder(SCHEMA.SerializeToString())
    decoded = decoder.DecodeBatch([bytes(example) for example in examples])
    tfxio = TFExampleRecord("*", schema=SCHEMA, telemetry_descriptors=["test"])
    on_beam = tfxio.TensorAdapter().ToBatchTensors(decoded)
    when_serving = tf.io.parse_example(examples, raw_feature_spec(FEATURES))
    for feature in FEATURES:
        from_beam, parsed = on_beam[feature.name], when_serving[feature.name]
        if feature.storage.several == "ragged":
            assert from_beam.to_list() == parsed.to_list()
        else:
            np.testing.assert_array_equal(from_beam.numpy(), parsed.numpy(), feature.name)


def test_an_empty_example_is_all_missing() -> None:
    raw = tf.io.parse_example([b""], raw_feature_spec(FEATURES))
    assert raw["device"].numpy() == b""
    assert math.isnan(raw["session_position"].numpy()[0])
    assert np.isnan(raw["show_embedding"].numpy()).all()
    assert raw["genres"].to_list() == [[]]


def test_schemas_hold_the_sources_and_labels_of_the_domain() -> None:
    domain = Domain(sources=("promotion", "ad", "email"), labels=DEFAULT_LABELS | {"save": Label(kind="save")})
    assert labelled_schema(FEATURES, domain).names[5:11] == ["stream", "click", "like", "follow", "save", "tier_ms"]
    columns = {feature.name: feature for feature in build_schema(FEATURES, domain).feature}
    assert list(columns["source"].string_domain.value) == ["promotion", "ad", "email"]
    assert (columns["save"].int_domain.max, columns["save"].presence.min_fraction) == (1, 1.0)
    rows = random_labelled(500, domain=domain)
    assert set(rows["source"].to_pylist()) == set(domain.sources)
    assert set(rows["save"].to_pylist()) == {0, 1}
