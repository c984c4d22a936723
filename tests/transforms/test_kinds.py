"""A kind of feature is one row of the table: two kinds that only this test declares pass through everything."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from pydantic import ValidationError
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.output_wrapper import TFTransformOutput

from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.example_schema import build_schema, raw_feature_spec
from transforms.examples import to_examples
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.kinds import ENCODINGS, FEATURE_KINDS, Kind
from transforms.labelled import labelled_schema
from transforms.packed import IdInput, packed_layout
from transforms.raw_to_packed import RawToPacked

NEW = {
    "handles": Kind("hash", "ragged", None, "several strings, hashed", "how many values are kept"),
    "sizes": Kind("z_score", "fixed", "numeric", "numbers of fixed length, z-scored", "how many numbers there are"),
}
HANDLES = {"name": "guests", "group": "content", "column": "shows.guests", "per": "candidate", "kind": "handles"}
SIZES = {"name": "sizes", "group": "content", "column": "shows.sizes", "per": "candidate", "kind": "sizes"}
ROWS = pa.table(
    {
        "show_id": ["s1", "s2"],
        "guests": [["c1", "c2", "c3"], None],
        "sizes": pa.array([[1, 5], [3, 5]], pa.list_(pa.float32())),
    }
)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> FeaturesConfig:
    for name, kind in NEW.items():
        monkeypatch.setitem(FEATURE_KINDS, name, kind)
    own = [HANDLES | {"length": 2, "buckets": 1000}, SIZES | {"length": 2}]
    without = [feature.name for feature in FEATURES if feature.name != "show_id"]
    return FeaturesConfig.model_validate({"extra": own, "without": without, "buckets": {"show_id": 10, "guests": 1000}})


@pytest.fixture
def graph(config: FeaturesConfig, tmp_path: Path) -> TFTransformOutput:
    return analyse(ROWS, config, tmp_path)


def test_schemas_hold_a_new_kind(config: FeaturesConfig) -> None:
    schema = labelled_schema(config.table(), Domain())
    assert schema.field("guests").type == pa.list_(pa.string())
    assert schema.field("sizes").type == pa.list_(pa.float32())
    columns = {feature.name: feature for feature in build_schema(config.table(), Domain()).feature}
    assert columns["guests"].type == schema_pb2.BYTES
    assert (columns["sizes"].type, columns["sizes"].value_count.max) == (schema_pb2.FLOAT, 2)
    parsed = tf.io.parse_example(to_examples(ROWS), raw_feature_spec(config.table()))
    assert parsed["guests"].to_list() == [[b"c1", b"c2", b"c3"], []]
    assert parsed["sizes"].numpy().tolist() == [[1, 5], [3, 5]]


def test_transform_and_packing_take_a_new_kind(config: FeaturesConfig, graph: TFTransformOutput) -> None:
    layout = packed_layout(graph, config.table())
    assert layout.ids == (IdInput("show_id", 0, 1, 0, 11), IdInput("guests", 1, 2, 11, 1001))
    assert [(feature.name, feature.column, feature.width) for feature in layout.floats] == [("sizes", 0, 4)]
    packed = RawToPacked(graph, layout, config.table()).from_examples(tf.constant(to_examples(ROWS)))
    # 605 and 653 are the hashes of c1 and c2 in 1000 buckets (test_preprocessing.py); 11 is the first row of guests.
    assert packed["ids"].numpy()[:, 1:].tolist() == [[605 + 11, 653 + 11], [11, 11]]
    # 1 and 3 have mean 2 and deviation 1; a column that never changes is 0. Each is followed by 1, it is present.
    assert packed["floats"].numpy().tolist() == [[-1, 1, 0, 1], [1, 1, 0, 1]]


def test_a_request_takes_a_new_kind(config: FeaturesConfig, graph: TFTransformOutput) -> None:
    features = {feature.name: feature for feature in config.table()}
    served = {name: feature.storage.served_shape(feature.length) for name, feature in features.items()}
    assert served == {"show_id": (None,), "guests": (None, None), "sizes": (None, 2)}
    assert {name: feature.storage.dtype for name, feature in features.items()} == {
        "show_id": "string",
        "guests": "string",
        "sizes": "float32",
    }
    ready = RawToPacked(graph, packed_layout(graph, config.table()), config.table())
    request = {
        "show_id": tf.constant(["s1", "s2"]),
        "guests": tf.constant([["c1", "c2", "c3"], ["", "", ""]]),
        "sizes": tf.constant([[1.0, 5.0], [3.0, 5.0]]),
    }
    for name, tensor in ready.from_request(request).items():
        np.testing.assert_array_equal(tensor, ready.from_examples(tf.constant(to_examples(ROWS)))[name])


def test_a_feature_of_several_values_needs_the_length_that_its_kind_explains(config: FeaturesConfig) -> None:
    assert config.table()
    with pytest.raises(ValidationError, match="sizes: give its `length`, how many numbers there are"):
        Feature.model_validate(SIZES)


@pytest.mark.parametrize("name", FEATURE_KINDS)
def test_each_kind_with_several_values_explains_its_length(name: str) -> None:
    kind = FEATURE_KINDS[name]
    assert (kind.length_is is None) == (kind.several is None)
    assert kind.encoding in ENCODINGS[kind.packed]
