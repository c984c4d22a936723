"""The embedded server: TensorFlow Serving's gRPC API for one model, in this process."""

import gc
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import grpc
import tensorflow as tf
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

from serving import version_files
from serving.config import ServingConfig
from serving.errors import ServingError
from serving.services import ModelService, PredictionService
from serving.states import State
from serving.tls import server_credentials
from serving.watcher import Watcher

HEALTH_SERVICES = ("", "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService")
_LOOK_SECONDS = 0.5
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),  # as TensorFlow Serving: as long as a message can be
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # else two servers share a port without an error
)


class Server:
    """Serves the greatest loadable version below a model directory; a context manager that waits until it does.

    >>> with Server(config, "pushed") as server, Client(server.config) as client:  # doctest: +SKIP
    ...     client.score_examples([serialized])
    """

    def __init__(
        self, config: ServingConfig, model_dir: str | Path, tell: Callable[[str], None] = lambda _sentence: None
    ) -> None:
        """Does nothing yet.

        Args:
            config: name, address, polling and threads.
            model_dir: holds one directory a version, named by its number; local or remote.
            tell: is given a sentence, also from another thread, whenever a new version is served or does not load, and
                while the first is awaited.
        """
        self._tell = tell
        self._config = config
        self._model_dir = str(model_dir)
        self._available = threading.Condition()
        self._watcher = Watcher(config, self._model_dir, self._changed, tell)
        self._health = health.HealthServicer()
        self._grpc: grpc.Server | None = None
        self.port = config.port

    @property
    def config(self) -> ServingConfig:
        """The configuration with the port that is listened on, for a client."""
        return self._config.model_copy(update={"port": self.port})

    @property
    def version(self) -> int | None:
        """The version served now, None before the first."""
        model = self._watcher.current
        return model.version if model else None

    def start(self) -> None:
        """Binds the port and begins to answer and to look for versions; does not wait for one.

        Raises:
            ServingError: no such directory, a file for TLS that does not work, or the port cannot be bound.
        """
        if not tf.io.gfile.isdir(self._model_dir):
            raise ServingError(
                f"There is no model directory {self._model_dir}; `coldcast run` makes one and pushes a model into it."
            )
        for service in HEALTH_SERVICES:
            self._health.set(service, health_pb2.HealthCheckResponse.NOT_SERVING)
        server = grpc.server(
            ThreadPoolExecutor(self._config.threads, thread_name_prefix="serving"), options=list(_OPTIONS)
        )
        name = self._config.model_name
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(name, self._watcher), server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(name, self._watcher), server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        self.port = _bind(server, self._config)
        server.start()
        self._grpc = server
        self._watcher.start()

    def wait_until_available(self, seconds: float | None = None) -> None:
        """Returns once a version is served.

        Args:
            seconds: how long to wait; None takes `start_seconds` of the config.

        Raises:
            ServingError: the directory holds no version, every version failed to load, or the time is over.
        """
        seconds = self._config.start_seconds if seconds is None else seconds
        end = time.monotonic() + seconds
        said = ""
        while self.version is None:
            found = version_files.versions(self._model_dir)
            self._give_up_if_hopeless(found)
            left = end - time.monotonic()
            if left <= 0:
                raise ServingError(
                    f"No version below {self._model_dir} became available within {seconds:g} s"
                    f"{self._newest_state(found)}; copy it whole, or set serving.start_seconds to wait longer."
                )
            if not any(map(version_files.present, found.values())):
                awaited = f"waiting for version {max(found)} in {self._model_dir}: saved_model.pb is missing"
                if awaited != said:
                    self._tell(awaited)
                    said = awaited
            with self._available:
                if self.version is None:
                    self._available.wait(min(left, 0.1))

    def stop(self) -> None:
        """Stops taking requests, lets those under way finish (`stop_seconds`), and frees the port and the model."""
        if self._grpc is not None:
            self._health.enter_graceful_shutdown()
            self._grpc.stop(self._config.stop_seconds).wait()
            self._grpc = None
        self._watcher.stop()

    def __enter__(self) -> "Server":
        self.start()
        try:
            self.wait_until_available()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _changed(self) -> None:
        if self._watcher.current is not None:
            for service in HEALTH_SERVICES:
                self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        with self._available:
            self._available.notify_all()

    def _newest_state(self, found: dict[int, str]) -> str:
        newest = next(iter(self._watcher.states.all()), None)
        if newest is None:
            return ""
        waits = ""
        if newest.state == State.START:
            here = newest.version in found and version_files.present(found[newest.version])
            waits = f" ({'its files must rest for serving.settle_seconds' if here else 'saved_model.pb is missing'})"
        return (
            f": version {newest.version} is in state {newest.state.name}{waits}{newest.error and ', ' + newest.error}"
        )

    def _give_up_if_hopeless(self, found: dict[int, str]) -> None:
        if not found:
            raise ServingError(f"{self._model_dir} holds no version, a directory named by a number: push a model.")
        failed = [state for state in self._watcher.states.all() if state.version in found and state.error]
        if len(failed) == len(found):
            raise ServingError(f"Version {failed[0].version} in {self._model_dir} cannot be served: {failed[0].error}")


class _Stopped(BaseException):
    """SIGINT or SIGTERM came."""


def serve(
    config: ServingConfig,
    model_dir: str | Path,
    started: Callable[[Server], None] = lambda _server: None,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Serves until SIGINT or SIGTERM; to be called from the main thread.

    Args:
        config: name, address, polling and threads.
        model_dir: holds one directory a version.
        started: called once a version is available, to tell the user.
        tell: as for `Server`.

    Raises:
        ServingError: no such directory, no version, none that loads, or the port is in use.
    """

    def stop(*_: object) -> None:
        for number in previous:
            signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the stopping
        raise _Stopped

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    gc.freeze()  # what is imported by now stays; collecting after a swap then pauses requests for 1 ms, not 200
    try:
        for number in previous:
            signal.signal(number, stop)
        with Server(config, model_dir, tell) as server:
            started(server)
            while True:  # a signal that another thread receives does not wake this one: it must look by itself
                time.sleep(_LOOK_SECONDS)
    except _Stopped:
        pass
    finally:
        gc.unfreeze()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _bind(server: grpc.Server, config: ServingConfig) -> int:
    address, credentials = config.address, server_credentials(config)
    try:
        bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError:  # newer gRPC raises, older returns 0
        bound = 0
    if not bound:
        raise ServingError(
            f"Cannot listen on {address}: the port is in use or the address is not this machine's; "
            "set serving.port to another (0 takes any free one)."
        )
    return bound
