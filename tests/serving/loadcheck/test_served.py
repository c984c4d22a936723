"""What the gate before publishing finds: a model that does not load, or does not answer its own warm-up requests."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from models.signatures import WARMUP_FILE
from serving.loadcheck.served import problems_when_served
from tests.serving.server.test_api import candidates_request, examples_request
from tests.serving.toy_models import save_python_function, save_toy


def add_warmup(savedmodel: Path, *requests: predict_pb2.PredictRequest) -> None:
    file = savedmodel / WARMUP_FILE
    file.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for request in requests:
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return save_toy(tmp_path / "toy")


def test_a_model_that_answers_its_warmup_requests_has_no_problems(toy: Path) -> None:
    add_warmup(toy, candidates_request(), examples_request(b"", b""))
    assert problems_when_served(str(toy)) == []


def test_the_limits_of_requests_do_not_hold_for_warmup(toy: Path) -> None:
    add_warmup(toy, examples_request(*[b""] * 10_001))  # serving.max_rows is 10,000
    assert problems_when_served(str(toy)) == []


def test_a_model_without_warmup_requests_is_a_problem(toy: Path) -> None:
    (problem,) = problems_when_served(str(toy))
    assert problem.startswith(f"The SavedModel in {toy} has no warm-up requests to check it with; export it with")


def test_each_warmup_request_that_fails_is_named(toy: Path) -> None:
    wrong = candidates_request(show_id=np.array([b"a", b"b", b"c"], object))  # three shows, two of the rest
    unknown = candidates_request()
    unknown.model_spec.signature_name = "other"
    add_warmup(toy, candidates_request(), wrong, unknown)
    first, second = problems_when_served(str(toy))
    assert first.startswith("Warm-up request 1 (score_candidates) fails: ")
    assert second == 'Warm-up request 2 (other) fails: Serving signature key "other" not found.'


def test_an_output_with_other_rows_than_the_request_is_a_problem(tmp_path: Path) -> None:
    module = tf.Module()
    spec = tf.TensorSpec([None], tf.string, "examples")
    module.call = tf.function(lambda examples: {"click": tf.zeros([1])}, input_signature=[spec])
    path = tmp_path / "one"
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})
    add_warmup(path, examples_request(b""), examples_request(b"", b"", b""))
    assert problems_when_served(str(path)) == [
        "Warm-up request 1 (serving_default) has 3 rows, and the output click has the shape [1]."
    ]


def test_a_model_that_does_not_load_is_a_problem(toy: Path, tmp_path: Path) -> None:
    save_python_function(tmp_path / "python")
    (problem,) = problems_when_served(str(tmp_path / "python"))
    assert "EagerPyFunc" in problem
    assert problems_when_served(str(tmp_path / "nowhere")) == [
        f"There is no SavedModel at {tmp_path}/nowhere: saved_model.pb is missing."
    ]
    data = next((toy / "variables").glob("*.data*"))
    data.write_bytes(data.read_bytes()[:2])
    (problem,) = problems_when_served(str(toy))
    assert problem.startswith(f"The SavedModel in {toy} does not load: ")
