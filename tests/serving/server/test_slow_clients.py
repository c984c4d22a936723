"""Messages that arrive byte by byte hold no thread, and no place for ever."""

from collections.abc import Iterable
from pathlib import Path

import grpc
import pytest
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.config import ServingConfig
from serving.server import Server, calls
from tests.serving.conftest import Publish, grpc_front, wait_for
from tests.serving.server.clients import DATA, PREDICT, frame, opened, streams
from tests.serving.server.test_api import AD_STREAM, candidates_request

CALLS = 8
MESSAGE = candidates_request().SerializeToString()
FRAME = b"\0" + len(MESSAGE).to_bytes(4, "big") + MESSAGE  # as gRPC sends a message


def byte_by_byte(content: bytes, on: Iterable[int]) -> bytes:
    """The bytes of `content`, each in a frame of its own, on each of these streams."""
    return b"".join(frame(DATA, 0, stream, bytes([byte])) for byte in content for stream in on)


def test_messages_that_arrive_byte_by_byte_hold_no_thread(
    config: ServingConfig, model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    monkeypatch.setattr(calls, "MOST_ARRIVING", CALLS)
    monkeypatch.setattr(calls, "YOUNG_SECONDS", 0.0)
    one_thread = config.model_copy(update={"threads": 1, "max_waiting": 0})
    with Server(one_thread, model_dir) as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        _, arriving = grpc_front(server)._calls._methods[PREDICT]
        assert arriving is not None
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        with opened(server.port, CALLS) as connection:
            connection.sendall(byte_by_byte(FRAME[:-1], streams(CALLS)))
            wait_for(lambda: len(arriving._since) == CALLS)
            assert server._workers is not None
            assert server._workers.unfinished == 0
            for _ in range(3):  # the first takes the place of the slowest, and leaves it to the others
                assert list(predict(candidates_request(), timeout=30).outputs["ad_stream"].float_val) == AD_STREAM
            assert len(arriving._since) == CALLS - 1
            last = streams(CALLS)[-1]
            connection.sendall(byte_by_byte(FRAME[-1:], [last]))  # its message is whole now
            wait_for(lambda: len(arriving._since) == CALLS - 2)
            wait_for(lambda: server._workers is not None and server._workers.unfinished == 0)
        wait_for(lambda: not arriving._since)  # the client closed the connection
