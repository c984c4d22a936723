"""The exported SavedModel, loaded by a Session, as TensorFlow Serving loads it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import prediction_log_pb2

from models.calibration import Calibration
from models.export.savedmodel import export
from models.signatures import FEATURES_FILE, WARMUP_FILE
from tests.labelled_rows import random_labelled
from tests.transforms.analysis import analyse
from tests.transforms.dense_rows import dense, one_request, with_request_of_first_row
from transforms.config import FeaturesConfig
from transforms.examples import to_examples
from transforms.feature import Feature
from transforms.packed import PackedLayout, packed_layout
from transforms.raw_to_packed import RawToPacked

MOOD = Feature(name="mood", group="content", kind="category", column="shows.mood", per="candidate")
CONFIG = FeaturesConfig(extra=(MOOD,), without=("creative_format",))
FEATURES = CONFIG.table()
CALIBRATIONS = {"click": Calibration(0.5, 0.25), "ad_stream": Calibration(1.75, -0.5)}
HEADS = tuple(CALIBRATIONS)
Scores = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def labelled() -> pa.Table:
    return random_labelled(120, seed=2, features=FEATURES)


@pytest.fixture(scope="module")
def offline(labelled: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scores]:
    """The exported model, and the scores of all rows from the Keras model that it was made from."""
    folder = tmp_path_factory.mktemp("export")
    graph = analyse(labelled, CONFIG, folder)
    columns = packed_layout(graph, FEATURES)
    model = small_model(columns)
    export(model, graph, columns, FEATURES, CALIBRATIONS, str(folder / "model"))
    packed = RawToPacked(graph, columns, FEATURES).from_examples(tf.constant(to_examples(labelled)))
    logits = model(packed, training=False)
    calibrated = {
        head: calibration.scale * logits[head][:, 0] + calibration.bias for head, calibration in CALIBRATIONS.items()
    }
    return folder / "model", {head: tf.sigmoid(logit).numpy() for head, logit in calibrated.items()}


def small_model(columns: PackedLayout) -> keras.Model:
    keras.utils.set_random_seed(3)
    ids = keras.Input((columns.id_width,), dtype="int32", name="ids")
    floats = keras.Input((columns.float_width,), name="floats")
    embedded = keras.layers.Flatten()(keras.layers.Embedding(columns.rows, 4, embeddings_initializer="normal")(ids))
    joined = keras.layers.BatchNormalization()(keras.layers.Concatenate()([embedded, floats]))
    return keras.Model(
        {"ids": ids, "floats": floats}, {head: keras.layers.Dense(1, name=head)(joined) for head in HEADS}
    )


@pytest.fixture(scope="module")
def call(offline: tuple[Path, Scores]) -> Iterator[Callable[[str, dict[str, np.ndarray]], Scores]]:
    """Runs a signature by its names in a Session that has loaded the SavedModel."""
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default():
        signatures = tf.compat.v1.saved_model.load(session, ["serve"], str(offline[0])).signature_def

    def run(signature: str, inputs: dict[str, np.ndarray]) -> Scores:
        known = signatures[signature]
        feed = {known.inputs[name].name: value for name, value in inputs.items()}
        return session.run({head: output.name for head, output in known.outputs.items()}, feed)

    yield run
    session.close()


def close(ours: Scores, theirs: Scores) -> None:
    assert set(ours) == set(theirs) == set(HEADS)
    for head in HEADS:
        np.testing.assert_allclose(ours[head], theirs[head], rtol=0, atol=1e-6)


def test_examples_score_as_offline(call: Callable, labelled: pa.Table, offline: tuple[Path, Scores]) -> None:
    scores = call("serving_default", {"examples": to_examples(labelled)})
    close(scores, offline[1])
    assert all(scores[head].shape == (120,) and scores[head].dtype == np.float32 for head in HEADS)
    assert np.ptp(scores["click"]) > 0.01


def test_labels_are_not_needed(call: Callable, labelled: pa.Table, offline: tuple[Path, Scores]) -> None:
    bare = labelled.select([feature.name for feature in FEATURES])
    close(call("serving_default", {"examples": to_examples(bare)}), offline[1])


def test_both_signatures_score_the_same_rows_alike(call: Callable, labelled: pa.Table) -> None:
    examples = to_examples(with_request_of_first_row(labelled, FEATURES))
    request = one_request(labelled, FEATURES)
    close(call("score_candidates", request), call("serving_default", {"examples": examples}))


def test_missing_values_score_as_absent_features(call: Callable) -> None:
    nothing = pa.table({feature.name: pa.nulls(1) for feature in FEATURES})
    close(call("score_candidates", dense(nothing, FEATURES)), call("serving_default", {"examples": [b""]}))


def test_no_candidates_give_no_scores(call: Callable, labelled: pa.Table) -> None:
    request = one_request(labelled, FEATURES)
    request |= {feature.name: request[feature.name][:0] for feature in FEATURES if feature.per == "candidate"}
    assert all(scores.shape == (0,) for scores in call("score_candidates", request).values())
    assert all(scores.shape == (0,) for scores in call("serving_default", {"examples": np.array([], object)}).values())


@pytest.mark.parametrize("name", ["device", "session_position", "show_id", "genres", "show_age_days"])
@pytest.mark.parametrize("rows", [0, 2])
def test_a_wrong_length_is_an_invalid_argument(call: Callable, labelled: pa.Table, name: str, rows: int) -> None:
    request = one_request(labelled, FEATURES)
    with pytest.raises(tf.errors.InvalidArgumentError):
        call("score_candidates", request | {name: np.concatenate([request[name][:1]] * 2)[:rows]})


def test_two_users_with_two_candidates_are_an_invalid_argument(call: Callable, labelled: pa.Table) -> None:
    two = {name: value[:2] for name, value in dense(labelled, FEATURES).items()}
    with pytest.raises(tf.errors.InvalidArgumentError):
        call("score_candidates", two)


def test_an_example_with_a_vector_of_another_length_is_an_invalid_argument(call: Callable) -> None:
    example = tf.train.Example()
    example.features.feature["show_embedding"].float_list.value.extend([1.0, 2.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="show_embedding"):
        call("serving_default", {"examples": [example.SerializeToString()]})


def test_the_signatures_name_every_feature_and_head_and_an_added_feature_too(offline: tuple[Path, Scores]) -> None:
    loaded = tf.saved_model.load(str(offline[0]))
    assert set(loaded.signatures) == {"serving_default", "score_candidates"}
    inputs = loaded.signatures["score_candidates"].structured_input_signature[1]
    assert set(inputs) == {feature.name for feature in FEATURES}
    assert (inputs["mood"].dtype, inputs["mood"].shape.as_list()) == (tf.string, [None])
    assert (inputs["genres"].dtype, inputs["genres"].shape.as_list()) == (tf.string, [None, None])
    assert (inputs["show_embedding"].dtype, inputs["show_embedding"].shape.as_list()) == (tf.float32, [None, 16])
    assert set(loaded.signatures["serving_default"].structured_outputs) == set(HEADS)


def test_the_raw_features_are_listed_beside_the_graph(offline: tuple[Path, Scores]) -> None:
    listed = json.loads((offline[0] / FEATURES_FILE).read_text())
    assert [row["name"] for row in listed] == [feature.name for feature in FEATURES]
    assert listed[-1] == {
        "name": "mood",
        "kind": "category",
        "column": "shows.mood",
        "per": "candidate",
        "length": 1,
    }


def test_nothing_needs_python_or_xla(offline: tuple[Path, Scores]) -> None:
    model = saved_model_pb2.SavedModel.FromString((offline[0] / "saved_model.pb").read_bytes())
    graph = model.meta_graphs[0].graph_def
    functions = graph.library.function
    nodes = [*graph.node, *(node for function in functions for node in function.node_def)]
    assert not {node.op for node in nodes} & {"PyFunc", "EagerPyFunc", "PyFuncStateless", "XlaLaunch", "XlaCallModule"}
    compiled = [item.attr["_XlaMustCompile"].b for item in (*nodes, *functions) if "_XlaMustCompile" in item.attr]
    assert not any(compiled)


def test_warm_up_requests_can_be_answered(call: Callable, offline: tuple[Path, Scores]) -> None:
    answered = []
    for record in tf.data.TFRecordDataset(str(offline[0] / WARMUP_FILE)).as_numpy_iterator():
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        inputs = {name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}
        scores = call(request.model_spec.signature_name, inputs)
        answered.append((request.model_spec.signature_name, len(scores["click"])))
    assert sorted(answered) == [
        ("score_candidates", 1),
        ("score_candidates", 100),
        ("serving_default", 1),
        ("serving_default", 100),
    ]
