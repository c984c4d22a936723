"""Calls that never finish their messages, and calls that come while the server stops."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.config import ServingConfig
from serving.server import Server, calls, serve
from serving.server.versions.signature import Signature
from tests.serving.conftest import Publish, grpc_front, wait_for
from tests.serving.server.test_api import AD_STREAM, candidates_request

PREDICT = "/tensorflow.serving.PredictionService/Predict"
CHECK = "/grpc.health.v1.Health/Check"


class Silent:
    """Calls that send their headers, and no message until the end."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._over = threading.Event()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")

    def open(self, method: str, number: int) -> list[grpc.Future]:
        counted = grpc_front(self._server)._calls
        taken = counted.taken
        opened = [self.channel.stream_unary(method).future(self._nothing()) for _ in range(number)]
        wait_for(lambda: counted.taken >= taken + number)
        return opened

    def close(self) -> None:
        self._over.set()
        self.channel.close()

    def _nothing(self) -> Iterator[bytes]:
        self._over.wait(60)
        yield from ()


@pytest.fixture
def silent(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    monkeypatch.setattr(calls, "MOST_ARRIVING", 4)
    held = Silent(server)
    yield held
    held.close()


def test_a_new_call_ends_the_oldest_of_too_many_that_never_send_a_message(
    silent: Silent, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "YOUNG_SECONDS", 0.0)
    opened = silent.open(PREDICT, 4)
    assert not any(call.done() for call in opened)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        for _ in range(3):  # each leaves its place when its message has arrived, so only the first needs one
            assert list(predict(candidates_request(), timeout=30).outputs["ad_stream"].float_val) == AD_STREAM
    wait_for(lambda: any(call.done() for call in opened))
    (ended,) = [call for call in opened if call.done()]
    assert ended.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert ended.details() == "The message did not arrive in time"


def test_too_many_young_calls_without_a_message_are_refused_and_health_is_not(
    silent: Silent, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "YOUNG_SECONDS", 1000.0)
    opened = silent.open(PREDICT, 4)
    (refused,) = silent.open(PREDICT, 1)
    wait_for(refused.done)
    assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.details() == "This server receives 4 other requests already"
    assert not any(call.done() for call in opened)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert (
            health.Check(health_pb2.HealthCheckRequest(), timeout=30).status == health_pb2.HealthCheckResponse.SERVING
        )


def test_a_call_that_its_client_ends_leaves_its_place(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "YOUNG_SECONDS", 1000.0)
    for call in silent.open(CHECK, 4):
        call.cancel()
    health = health_pb2_grpc.HealthStub(silent.channel)

    def checked() -> bool:
        try:
            return bool(health.Check(health_pb2.HealthCheckRequest(), timeout=30).status)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            return False

    wait_for(checked)


def test_after_sigterm_a_client_that_does_not_pause_is_refused_and_the_requests_that_arrived_are_answered(
    config: ServingConfig, model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    opened, run = threading.Event(), Signature.run
    slow = candidates_request()
    slow.output_filter.append("ad_stream")

    def run_slowly(self: Signature, inputs: object, output_filter: list[str], limits: object) -> object:
        assert not output_filter or opened.wait(60)
        return run(self, inputs, output_filter, limits)  # type: ignore[arg-type]

    codes: list[grpc.StatusCode] = []
    arrived: list[grpc.Future] = []
    threads: list[threading.Thread] = []

    def ask(port: int) -> None:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
            while codes.count(grpc.StatusCode.UNAVAILABLE) < 50:
                call = predict.future(candidates_request(), timeout=60)
                codes.append(call.code())
        opened.set()

    def started(server: Server) -> None:
        monkeypatch.setattr(Signature, "run", run_slowly)
        channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")
        arrived.append(prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict.future(slow))
        threads.append(threading.Thread(target=ask, args=(server.port,)))
        threads[0].start()
        wait_for(lambda: len(codes) > 20)
        os.kill(os.getpid(), signal.SIGTERM)

    serve(config.model_copy(update={"threads": 2, "stop_seconds": 60.0}), model_dir, started)
    threads[0].join()
    assert [call.code() for call in arrived] == [grpc.StatusCode.OK]
    refusals = codes.index(grpc.StatusCode.UNAVAILABLE)
    assert codes[:refusals] == [grpc.StatusCode.OK] * refusals
    assert set(codes[refusals:]) == {grpc.StatusCode.UNAVAILABLE}
