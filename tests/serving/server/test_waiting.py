"""Clients that are silent, too many, or gone cost the others nothing."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.config import ServingConfig
from serving.server import Server
from serving.server.versions.signature import Signature
from tests.serving.conftest import Publish, Stubs, grpc_front, wait_for
from tests.serving.server.clients import PREDICT
from tests.serving.server.gate import Gate
from tests.serving.server.health import is_healthy
from tests.serving.server.test_api import AD_STREAM, candidates_request


def test_clients_that_send_headers_and_no_message_cost_nobody_anything(server: Server) -> None:
    over = threading.Event()

    def nothing() -> Iterator[bytes]:
        over.wait(60)
        yield from ()

    address = f"127.0.0.1:{server.port}"
    with grpc.insecure_channel(address) as silent, grpc.insecure_channel(address) as channel:
        calls = [silent.stream_unary(PREDICT).future(nothing()) for _ in range(4 * server.config.threads_to_start)]
        wait_for(lambda: grpc_front(server)._calls.taken >= len(calls))
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        assert list(predict(candidates_request(), timeout=30).outputs["ad_stream"].float_val) == AD_STREAM
        assert is_healthy(channel)
        over.set()
        for call in calls:
            call.cancel()


def test_more_requests_than_may_wait_are_refused_and_the_others_answered(
    config: ServingConfig, model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    opened, run = threading.Event(), Signature.run

    def run_slowly(self: Signature, *arguments: object) -> object:
        assert opened.wait(60)
        return run(self, *arguments)

    bounded = config.model_copy(update={"threads": 1, "max_waiting": 2})
    with Server(bounded, model_dir) as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        monkeypatch.setattr(Signature, "run", run_slowly)
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        calls = [predict.future(candidates_request()) for _ in range(5)]
        refusals = [call for call in calls if _is_refused(calls, call)]
        assert is_healthy(channel), "health does not wait behind Predict"
        opened.set()
        answered = [call for call in calls if call not in refusals]
        assert [call.code() for call in refusals] == [grpc.StatusCode.RESOURCE_EXHAUSTED] * 2
        assert refusals[0].details() == "2 requests wait for this server already (serving.max_waiting)"
        for call in answered:
            assert list(call.result(30).outputs["ad_stream"].float_val) == AD_STREAM


def _is_refused(calls: list, call: grpc.Future) -> bool:
    wait_for(lambda: sum(other.done() for other in calls) == 2)  # one runs, two wait, two are refused
    return call.done()


def test_a_request_whose_client_gave_up_is_not_answered(server: Server, gate: Gate, stubs: Stubs) -> None:
    threads = server.config.threads_to_start
    running = [stubs.prediction.Predict.future(candidates_request()) for _ in range(threads)]
    for _ in range(threads):
        assert gate.entered.acquire(timeout=30)
    waiting = stubs.prediction.Predict.future(candidates_request())
    lane = server._workers._small
    wait_for(lambda: lane.unfinished == threads + 1)
    waiting.cancel()
    time.sleep(0.2)  # until the server knows
    gate.opened.set()
    for call in running:
        call.result(30)
    wait_for(lambda: lane.unfinished == 0)
    assert not gate.entered.acquire(blocking=False), "the model ran for nobody"
