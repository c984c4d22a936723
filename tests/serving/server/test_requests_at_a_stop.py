"""A stop answers what has arrived, refuses what is new, and cancels what takes longer than `stop_seconds`."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
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
    assert not old.done()
    gate.opened.set()
    assert list(old.result(30).outputs["ad_stream"].float_val) == AD_STREAM
    stopping.join()


def test_a_request_that_takes_longer_than_stop_seconds_is_cancelled(
    config: ServingConfig, model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    opened = threading.Event()
    server = Server(config.model_copy(update={"stop_seconds": 0.3}), model_dir)
    with server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        monkeypatch.setattr(Signature, "run", lambda *_: opened.wait(60))
        call = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict.future(candidates_request())
        wait_for(lambda: server._workers._small.unfinished == 1)
        server.stop()
        assert call.code() in {grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN}
        opened.set()


def _code(call: Callable, timeout: float) -> grpc.StatusCode:
    try:
        call(candidates_request(), timeout=timeout)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK
