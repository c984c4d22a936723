"""Toy models saved once, a server on a free port, and the stubs that any TensorFlow Serving client has."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

from serving.client import Client
from serving.config import ServingConfig
from serving.server import Server
from serving.server.grpc_front import GrpcFront
from serving.server.versions.watcher import Watcher
from tests.serving.toy_models import save_toy

Publish = Callable[[int], Path]


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns once `condition` holds; fails if it does not within a time that only a hang takes."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A sound SavedModel whose scores have the bias 1, 2, ..., made once."""
    folder = tmp_path_factory.mktemp("toys")

    def toy(bias: int) -> Path:
        path = folder / str(bias)
        return path if path.exists() else save_toy(path, float(bias))

    return toy


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def publish(model_dir: Path, toys: Callable[[int], Path]) -> Publish:
    """Publishes the toy whose bias is the version, as the pusher does: under another name, then renamed."""

    def publish_version(version: int) -> Path:
        partial = model_dir / f".partial-{version}"
        shutil.copytree(toys(version), partial)
        return partial.rename(model_dir / str(version))

    return publish_version


@pytest.fixture
def config() -> ServingConfig:
    return ServingConfig(
        model_name="toy", port=0, poll_seconds=0.05, settle_seconds=0.05, retry_seconds=0.2, timeout_seconds=30
    )


@pytest.fixture
def server(config: ServingConfig, model_dir: Path, publish: Publish) -> Iterator[Server]:
    """Serves version 1."""
    publish(1)
    with Server(config, model_dir) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.config) as connected:
        yield connected


def grpc_front(server: Server) -> GrpcFront:
    """The gRPC front of a running server."""
    front = server._fronts[0]
    assert isinstance(front, GrpcFront)
    return front


class Stubs:
    """The stock stubs of tensorflow-serving-api."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.prediction = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self.model = model_service_pb2_grpc.ModelServiceStub(channel)
        self.channel = channel


@pytest.fixture
def stubs(server: Server) -> Iterator[Stubs]:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield Stubs(channel)


AT_ONCE = ServingConfig(settle_seconds=0.0, retry_seconds=1000.0)


def states(watcher: Watcher) -> dict[int, str]:
    """The state of each version that a watcher knows."""
    return {state.version: state.state.name for state in watcher.states.all()}
