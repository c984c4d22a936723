"""A stop finishes the requests that arrived, within `stop_seconds`; health says meanwhile that there is no service."""

import threading
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.config import ServingConfig
from serving.server import Server
from serving.server.versions.signature import Signature
from tests.serving.conftest import Publish, wait_for
from tests.serving.server.test_api import AD_STREAM, candidates_request

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def test_health_is_not_serving_while_a_stop_waits_for_a_request(
    config: ServingConfig, model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    entered, opened, run = threading.Event(), threading.Event(), Signature.run

    def run_slowly(self: Signature, *arguments: object) -> object:
        entered.set()
        assert opened.wait(60)
        return run(self, *arguments)  # type: ignore[arg-type]

    patient = config.model_copy(update={"stop_seconds": 60.0})
    with Server(patient, model_dir) as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        monkeypatch.setattr(Signature, "run", run_slowly)
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        health = health_pb2_grpc.HealthStub(channel)
        slow = predict.future(candidates_request(), timeout=60)
        assert entered.wait(30)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        wait_for(lambda: _code(predict) == grpc.StatusCode.UNAVAILABLE)
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=30).status == NOT_SERVING
        assert stopping.is_alive()
        opened.set()
        assert list(slow.result(30).outputs["ad_stream"].float_val) == AD_STREAM
        stopping.join()


def test_a_stop_ends_after_stop_seconds_while_the_model_still_runs(
    config: ServingConfig, model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    entered, opened, ended = threading.Event(), threading.Event(), threading.Event()

    def run_forever(*_: object) -> None:
        entered.set()
        opened.wait(60)
        ended.set()

    server = Server(config.model_copy(update={"stop_seconds": 0.1}), model_dir)
    with server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        monkeypatch.setattr(Signature, "run", run_forever)
        call = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict.future(candidates_request())
        assert entered.wait(30)
        server.stop()
        assert call.code() != grpc.StatusCode.OK
        assert not ended.is_set()
        opened.set()


def _code(predict: Callable) -> grpc.StatusCode:
    try:
        predict(candidates_request(), timeout=0.05)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK
