"""A front of another protocol needs its own file and a line in `_make_fronts`: here one for JSON over HTTP."""

import asyncio
import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.config import ServingConfig
from serving.errors import ServingError
from serving.server import Server, server
from serving.server.front import PREDICTION_SERVICE, Answers, Front, response_to
from serving.server.refusal import Code, Refusal
from serving.server.workers import Workers
from tests.serving.conftest import Publish, wait_for
from tests.serving.server.test_api import AD_STREAM, candidates_request

STATUS = {Code.INVALID_ARGUMENT: 400, Code.NOT_FOUND: 404, Code.INTERNAL: 500}


class RestFront:
    """Answers each request with Predict."""

    def __init__(self, answers: Answers, workers: Workers) -> None:
        self._predict = answers[PREDICTION_SERVICE]["Predict"]
        self._workers = workers
        self.port = 0

    async def start(self) -> int:
        self._listening = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self.port

    async def stop(self, _seconds: float) -> None:
        self._listening.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1]))
        response = await self._workers.run(self._in_thread, body)
        status = STATUS[response.code] if isinstance(response, Refusal) else 200
        text = response.details.encode() if isinstance(response, Refusal) else response
        writer.write(b"HTTP/1.1 %d -\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(text)) + text)
        writer.close()

    def _in_thread(self, body: bytes) -> bytes:
        request = json_format.Parse(body, predict_pb2.PredictRequest())
        response = response_to(request.SerializeToString(), self._predict)
        return json.dumps([*response.outputs["ad_stream"].float_val]).encode()


def ask(rest: RestFront, request: predict_pb2.PredictRequest) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", rest.port, timeout=60)
    connection.request("POST", "/", json_format.MessageToJson(request))
    response = connection.getresponse()
    return response.status, response.read()


def worker_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "serving-worker"}


@pytest.fixture
def rest(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RestFront]]:
    """Fills with the REST front of each server that starts."""
    made: list[RestFront] = []
    usual = server._make_fronts

    def with_rest(config: ServingConfig, answers: Answers, workers: Workers, *others: object) -> list[Front]:
        made.append(RestFront(answers, workers))
        return [*usual(config, answers, workers, *others), made[-1]]

    monkeypatch.setattr(server, "_make_fronts", with_rest)
    yield made


def test_a_second_front_gives_the_same_scores_and_refusals_with_the_same_threads(
    config: ServingConfig, model_dir: Path, publish: Publish, rest: list[RestFront]
) -> None:
    publish(1)
    before = worker_threads()
    with Server(config.model_copy(update={"threads": 2, "max_rows": 2}), model_dir) as running:
        assert len(worker_threads() - before) == 3  # two for small requests, one for large ones
        with grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel:
            predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
            assert list(predict(candidates_request(), timeout=30).outputs["ad_stream"].float_val) == AD_STREAM
        status, scores = ask(rest[0], candidates_request())
        assert (status, json.loads(scores)) == (200, AD_STREAM)
        status, text = ask(rest[0], candidates_request(show_id=[b"a", b"b", b"c"]))
        assert status == 400
        assert text == b"Input show_id has 3 rows; this server takes 2 in a request (serving.max_rows)"
        unknown = candidates_request()
        unknown.model_spec.name = "other"
        assert ask(rest[0], unknown) == (404, b"Servable not found for request: Latest(other)")
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", rest[0].port), timeout=5):
        pass
    wait_for(lambda: not worker_threads() - before)


def test_a_front_that_cannot_start_stops_the_others(
    config: ServingConfig, model_dir: Path, publish: Publish, rest: list[RestFront], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    before = worker_threads()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async def fail(_front: RestFront) -> int:
        raise ServingError("this port is in use")

    async def nothing(_front: RestFront, _seconds: float) -> None:
        pass

    with monkeypatch.context() as patched:
        patched.setattr(RestFront, "start", fail)
        patched.setattr(RestFront, "stop", nothing)
        with pytest.raises(ServingError, match="in use"):
            Server(config.model_copy(update={"port": port}), model_dir).start()
    wait_for(lambda: not worker_threads() - before)
    with Server(config.model_copy(update={"port": port}), model_dir) as running:
        assert running.port == port


@pytest.mark.parametrize("code", list(Code))
def test_grpc_has_each_code_under_its_name_and_number(code: Code) -> None:
    assert grpc.StatusCode[code.name].value[0] == code
