"""A stop answers what has arrived, refuses what is new, and cancels what takes longer than `stop_seconds`.

Health says meanwhile that there is no service.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.config import ServingConfig
from serving.server import Server, event_loop, serve
from serving.server.versions.signature import Signature
from tests.serving.conftest import Publish, Stubs, wait_for
from tests.serving.server.gate import Gate
from tests.serving.server.test_api import AD_STREAM, candidates_request


def test_sigterm_finishes_every_request_that_arrived(config: ServingConfig, model_dir: Path, publish: Publish) -> None:
    publish(1)
    calls: list = []
    channels: list[grpc.Channel] = []

    def started(server: Server) -> None:
        channels.append(grpc.insecure_channel(f"127.0.0.1:{server.port}"))
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channels[0]).Predict
        predict(candidates_request())
        signalled = threading.Event()
        event_loop.running_loop().call_soon_threadsafe(signalled.wait, 60)  # gRPC keeps calls, Python takes none
        calls.extend(predict.future(candidates_request()) for _ in range(16))
        time.sleep(0.5)  # until they have arrived
        threading.Timer(0.5, signalled.set).start()
        os.kill(os.getpid(), signal.SIGTERM)

    serve(config, model_dir, started)
    assert [call.code() for call in calls] == [grpc.StatusCode.OK] * 16
    assert all(list(call.result().outputs["ad_stream"].float_val) == AD_STREAM for call in calls)
    channels[0].close()


def test_a_server_that_stops_refuses_new_requests_and_answers_the_old(server: Server, gate: Gate, stubs: Stubs) -> None:
    old = stubs.prediction.Predict.future(candidates_request())
    assert gate.entered.acquire(timeout=30)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    wait_for(lambda: _code(stubs.prediction.Predict, timeout=0.05) == grpc.StatusCode.UNAVAILABLE)
    health = health_pb2_grpc.HealthStub(stubs.channel).Check(health_pb2.HealthCheckRequest(), timeout=30)
    assert health.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert stopping.is_alive()
    assert not old.done()
    gate.opened.set()
    assert list(old.result(30).outputs["ad_stream"].float_val) == AD_STREAM
    stopping.join()


def test_a_request_that_takes_longer_than_stop_seconds_is_cancelled(
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
        assert call.code() in {grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN}
        assert not ended.is_set()
        opened.set()


def _code(call: Callable, timeout: float) -> grpc.StatusCode:
    try:
        call(candidates_request(), timeout=timeout)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK
