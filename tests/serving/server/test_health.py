"""Health answers while all threads are busy, and its watchers hear each change."""

import threading
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from serving.config import ServingConfig
from serving.server import Server
from tests.serving.conftest import Publish, Stubs
from tests.serving.server.gate import Gate
from tests.serving.server.health import HEALTHY, is_healthy
from tests.serving.server.test_api import AD_STREAM, candidates_request


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
