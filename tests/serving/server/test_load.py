"""One client, however it behaves, stops nobody else: bounds of a request, silent clients, health, and stopping."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.client import Client
from serving.config import ServingConfig
from serving.errors import OverloadedError
from serving.server import Server, event_loop, serve
from serving.server.refusal import of_bytes
from serving.server.versions.signature import Signature
from serving.wire import tensors
from tests.serving.conftest import Publish, Stubs, grpc_front, wait_for
from tests.serving.server.test_api import AD_STREAM, candidates_request, examples_request, refused
from tests.serving.toy_models import example

PREDICT = "/tensorflow.serving.PredictionService/Predict"
HEALTHY = health_pb2.HealthCheckResponse.SERVING


def many_empty_examples(rows: int) -> predict_pb2.PredictRequest:
    """A request of about 50 bytes: a shape without values, which empty strings fill."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "toy"
    request.inputs["examples"].dtype = tf.string.as_datatype_enum
    request.inputs["examples"].tensor_shape.dim.add(size=rows)
    return request


def is_healthy(channel: grpc.Channel) -> bool:
    return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=30).status == HEALTHY


class Gate:
    """Holds requests in their threads until it is opened, as a slow model would."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()


@pytest.fixture
def gate(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    held, run = Gate(), Signature.run

    def run_slowly(self: Signature, *arguments: object) -> object:
        held.entered.release()
        assert held.opened.wait(60)
        return run(self, *arguments)

    monkeypatch.setattr(Signature, "run", run_slowly)
    yield held
    held.opened.set()


# Memory


def test_a_shape_without_values_costs_no_memory(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(tensors, "decode", lambda *arguments: made.append(arguments))
    request = many_empty_examples(1 << 20)
    assert request.ByteSize() < 60
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Input examples has 1048576 rows; this server takes 10000 in a request (serving.max_rows)"
    assert made == []


def test_as_many_rows_as_the_config_says_are_answered(stubs: Stubs) -> None:
    scores = stubs.prediction.Predict(many_empty_examples(10_000)).outputs["ad_stream"]
    assert tf.make_ndarray(scores).shape == (10_000,)


def test_the_values_of_all_inputs_together_are_bounded(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    publish(1)
    request = candidates_request()  # age 1, product 1, show_id 2, genres 2 x 2, embedding 2 x 2: 12
    for most, answered in ((12, True), (11, False)):
        bounded = config.model_copy(update={"max_elements": most})
        with Server(bounded, model_dir) as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
            if answered:
                assert list(predict(request).outputs["ad_stream"].float_val) == AD_STREAM
            else:
                words = (
                    "The inputs have more than the 11 values that this server takes in a request (serving.max_elements)"
                )
                assert refused(predict, request, grpc.StatusCode.INVALID_ARGUMENT) == words


def test_rows_of_no_values_count_as_well(stubs: Stubs) -> None:
    request = candidates_request()
    request.inputs["embedding"].Clear()
    request.inputs["embedding"].dtype = tf.float32.as_datatype_enum
    for size in (10_001, 2):
        request.inputs["embedding"].tensor_shape.dim.add(size=size)
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Input embedding has 10001 rows; this server takes 10000 in a request (serving.max_rows)"


def test_a_message_longer_than_the_config_says_is_refused(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    publish(1)
    with (
        Server(config.model_copy(update={"max_message_mib": 1}), model_dir) as server,
        Client(server.config) as client,
    ):
        assert client.score_examples([example(show_id="x" * 1000)])["ad_stream"].shape == (1,)
        with pytest.raises(OverloadedError, match=r"RESOURCE_EXHAUSTED: .*larger than max"):
            client.score_examples([example(show_id="x" * (1 << 20))])


def test_a_compressed_message_is_refused(server: Server) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", compression=grpc.Compression.Gzip) as channel:
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        refused(predict, examples_request(*[b""] * 1000), grpc.StatusCode.UNIMPLEMENTED)


def test_a_large_request_is_answered_as_a_small_one(stubs: Stubs) -> None:
    shows = [
        b"s" * (number % 300) for number in range(10_000)
    ]  # 1.5 MB: parsed in pieces, by the large requests' thread
    request = candidates_request(
        show_id=np.array(shows, object),
        genres=np.full((10_000, 2), b"", object),
        embedding=np.zeros((10_000, 2), np.float32),
    )
    scores = list(stubs.prediction.Predict(request).outputs["ad_stream"].float_val)
    assert scores == [1.0 + 1.5 + 10.0 + 100.0 * len(show) for show in shows]


def test_a_string_of_more_than_a_mebibyte_is_refused(stubs: Stubs) -> None:
    details = refused(
        stubs.prediction.Predict, examples_request(b"\xff" * ((1 << 20) + 1)), grpc.StatusCode.INVALID_ARGUMENT
    )
    assert details == "A value of input examples is longer than 1048576 bytes"
    request = examples_request(b"")
    request.inputs["examples"].string_val.pop()
    request.inputs["examples"].tensor_content = b"\xff" * ((1 << 20) + 1)
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "tensor parsing error: examples"


def test_bytes_that_are_no_text_are_cut_before_they_are_decoded() -> None:
    class Message(bytes):
        def decode(self, *_: object, **__: object) -> str:
            raise AssertionError("decoded as a whole, 0.2 s for 1 MB")

    details = of_bytes(Message(b"\xff" * 5_000)).details
    assert details == "\\xff" * 256 + "...TRUNCATED"  # 1,024 bytes of four characters each


# Slow and silent clients


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


# Health


def test_health_answers_while_every_thread_is_busy(server: Server, gate: Gate, stubs: Stubs) -> None:
    calls = [stubs.prediction.Predict.future(candidates_request()) for _ in range(2 * server.config.threads_to_start)]
    for _ in range(server.config.threads_to_start):
        assert gate.entered.acquire(timeout=30)
    assert is_healthy(stubs.channel)
    assert not any(call.done() for call in calls)
    gate.opened.set()
    for call in calls:
        assert list(call.result(30).outputs["ad_stream"].float_val) == AD_STREAM


def test_a_watcher_of_health_hears_every_change_and_the_end(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    server = Server(config, model_dir)
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stream = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=60)
        unknown = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="other"), timeout=60)
        assert next(stream).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        publish(1)
        assert next(stream).status == HEALTHY
        stopping = threading.Timer(0.3, server.stop)  # gRPC's client drops a message that comes before it is read
        stopping.start()
        assert [response.status for response in stream] == [health_pb2.HealthCheckResponse.NOT_SERVING]
        stopping.join()
        assert list(unknown) == []


# Stopping


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
