"""Warm-up requests come before a version is served, and it has to answer them."""

from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from models.signatures import WARMUP_FILE
from serving.server.versions.signature import Signature
from serving.server.versions.states import State
from serving.server.versions.watcher import Watcher
from tests.serving.conftest import AT_ONCE, Publish, states


def _write_warmup(version: Path, *, signature: str = "", records: int = 1) -> None:
    log = prediction_log_pb2.PredictionLog()
    request = log.predict_log.request
    request.model_spec.signature_name = signature
    request.inputs["examples"].CopyFrom(tf.make_tensor_proto([tf.train.Example().SerializeToString()]))
    path = version / WARMUP_FILE
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for _ in range(records):
            writer.write(log.SerializeToString())


def test_warmup_requests_are_sent_before_a_version_is_served(model_dir: Path, publish: Publish) -> None:
    sent: list[State] = []
    _write_warmup(publish(1), records=3)
    watcher = Watcher(AT_ONCE, str(model_dir))
    run = Signature.run

    def noting(self: Signature, *arguments: object) -> object:
        sent.append(watcher.states.all()[0].state)
        return run(self, *arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Signature, "run", noting)
        watcher.poll()
    assert sent == [State.LOADING] * 3
    assert states(watcher) == {1: "AVAILABLE"}


def test_a_version_without_warmup_requests_is_served(
    model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not (publish(1) / WARMUP_FILE).exists()
    monkeypatch.setattr(Signature, "run", lambda *_: pytest.fail("the server sent a request of its own"))
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert states(watcher) == {1: "AVAILABLE"}
    assert watcher.states.all()[0].error == ""


@pytest.mark.parametrize(
    ("warmup", "words"),
    [({"signature": "other"}, "signature that the model lacks"), ({"records": 1001}, "more than 1000")],
)
def test_a_version_whose_warmup_fails_is_not_served(
    model_dir: Path, publish: Publish, warmup: dict, words: str
) -> None:
    _write_warmup(publish(1), **warmup)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert states(watcher) == {1: "END"}
    assert words in watcher.states.all()[0].error
