"""`ServableGate` on SavedModels: a verdict that TFX's Pusher reads, with a reason, and never an error."""

from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
from tfx.dsl.component.experimental.annotations import OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.types import standard_artifacts

from components.servable import gate
from components.servable.artifacts import BLESSED, MODEL_ID, REASON
from components.servable.gate import ServableGate
from models.signatures import WARMUP_FILE
from pipeline.branch import never_cache
from tests.components.runs import artifacts, run, states


def _write_model(folder: Path, *, rows: dict[str, int]) -> None:
    """A model whose signatures double their input; `score_candidates` takes exactly 3 rows. Asks for `rows` at warm-up.

    Args:
        folder: of the Model artifact.
        rows: rows of the warm-up request by signature.
    """
    module = tf.Module()
    module.any = tf.function(lambda x: {"y": 2.0 * x}, input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    module.three = tf.function(
        lambda x: {"y": tf.reshape(x + tf.constant([0.0, 1.0, 2.0]), [-1])},
        input_signature=[tf.TensorSpec([None], tf.float32, "x")],
    )
    path = folder / "Format-Serving"
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.any, "score_candidates": module.three})
    (path / WARMUP_FILE).parent.mkdir()
    with tf.io.TFRecordWriter(str(path / WARMUP_FILE)) as writer:
        for signature, number in rows.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.signature_name = signature
            request.inputs["x"].CopyFrom(tf.make_tensor_proto([1.0] * number))
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())


@component
def Train(model: OutputArtifact[standard_artifacts.Model]) -> None:  # noqa: N802
    _write_model(Path(model.uri), rows={"serving_default": 2})


def _judge(folder: Path) -> standard_artifacts.InfraBlessing:
    model, blessing = standard_artifacts.Model(), standard_artifacts.InfraBlessing()
    model.id, model.uri, blessing.uri = 7, str(folder), str(folder / "verdict")
    executor = ServableGate.EXECUTOR_SPEC.executor_class()
    executor.Do({"model": [model]}, {"blessing": [blessing]}, {"code_hash": "0123"})
    return blessing


def test_a_model_that_answers_its_warm_up_requests_is_blessed(tmp_path: Path):
    _write_model(tmp_path, rows={"serving_default": 2, "score_candidates": 3})
    blessing = _judge(tmp_path)
    assert blessing.get_int_custom_property(BLESSED) == 1
    assert blessing.get_int_custom_property(MODEL_ID) == 7
    assert blessing.get_string_custom_property(REASON) == ""
    assert [path.name for path in Path(blessing.uri).iterdir()] == ["INFRA_BLESSED"]


def test_a_model_whose_warm_up_fails_is_not_blessed_and_the_reason_is_one_line(tmp_path: Path):
    _write_model(tmp_path, rows={"serving_default": 2, "score_candidates": 100})
    blessing = _judge(tmp_path)
    assert blessing.get_int_custom_property(BLESSED) == 0
    reason = blessing.get_string_custom_property(REASON)
    assert reason.startswith("Warm-up request 1 (score_candidates) fails: Incompatible shapes: ")
    assert "\n" not in reason
    (file,) = Path(blessing.uri).iterdir()
    assert (file.name, file.read_text()) == ("INFRA_NOT_BLESSED", reason)


def test_a_model_without_warm_up_requests_is_not_blessed(tmp_path: Path):
    _write_model(tmp_path, rows={})
    blessing = _judge(tmp_path)
    assert blessing.get_int_custom_property(BLESSED) == 0
    assert "has no warm-up requests to check it with" in blessing.get_string_custom_property(REASON)
    assert [path.name for path in Path(blessing.uri).iterdir()] == ["INFRA_NOT_BLESSED"]


def test_a_damaged_model_is_not_blessed(tmp_path: Path):
    _write_model(tmp_path, rows={"serving_default": 2})
    (tmp_path / "Format-Serving" / "saved_model.pb").write_bytes(b"half a grap")
    assert "is not a whole SavedModel" in _judge(tmp_path).get_string_custom_property(REASON)


def test_an_error_of_the_check_itself_costs_no_evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def failing(_: str) -> list[str]:
        raise ZeroDivisionError("no servers")

    monkeypatch.setattr(gate, "problems_when_served", failing)
    blessing = _judge(tmp_path)
    assert blessing.get_int_custom_property(BLESSED) == 0
    assert blessing.get_string_custom_property(REASON) == "ZeroDivisionError: no servers"


def test_a_run_after_an_error_of_the_check_publishes_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: str) -> list[str]:
        raise OSError("No space left on device")

    def nodes() -> list[BaseNode]:
        train = Train()
        servable_gate = ServableGate(model=train.outputs["model"])
        never_cache(servable_gate)
        return [train, servable_gate]

    with monkeypatch.context() as patched:
        patched.setattr(gate, "problems_when_served", full)
        run(tmp_path, nodes())
    run(tmp_path, nodes())
    assert states(tmp_path) == {"Train": "cached", "ServableGate": "complete"}
    verdicts = artifacts(tmp_path, "InfraBlessing")
    assert [verdict.custom_properties[BLESSED].int_value for verdict in verdicts] == [0, 1]


def test_of_several_problems_the_first_is_named_and_all_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "problems_when_served", lambda _: ["The op A is\n a custom op.", "The op B is, too."])
    assert _judge(tmp_path).get_string_custom_property(REASON) == "The op A is a custom op (problem 1 of 2)"
