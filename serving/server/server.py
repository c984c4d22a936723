"""One server: its fronts, the threads that answer, and the versions behind them, started and stopped together."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import tensorflow as tf

from serving.config import ServingConfig
from serving.errors import ServingError
from serving.server import event_loop
from serving.server.answers.metadata import Metadata
from serving.server.answers.named_model import NamedModel
from serving.server.answers.predict import Predict
from serving.server.answers.status import Status
from serving.server.front import MODEL_SERVICE, PREDICTION_SERVICE, Answer, Answers, Front
from serving.server.grpc_front import GrpcFront
from serving.server.health import Health
from serving.server.limits import Limits
from serving.server.versions import version_files
from serving.server.versions.states import State
from serving.server.versions.watcher import Watcher
from serving.server.workers import Workers


class Server:
    """Serves the greatest version below a model directory that loads; a context manager that waits until one does.

    >>> with Server(config, "pushed") as server, Client(server.config) as client:  # doctest: +SKIP
    ...     client.score_examples([serialized])
    """

    def __init__(
        self, config: ServingConfig, model_dir: str | Path, tell: Callable[[str], None] = lambda _sentence: None
    ) -> None:
        """Does nothing yet.

        Args:
            config: name, address, polling, threads, and bounds of requests.
            model_dir: local or remote; holds one directory a version, named by its number.
            tell: gets a sentence for the user whenever a new version is served or does not load, and while the server
                waits for its first version; other threads call it too.
        """
        self._tell = tell
        self._config = config
        self._model_dir = str(model_dir)
        self._available = threading.Condition()
        self._watcher = Watcher(config, self._model_dir, self._changed, tell)
        self._health: Health | None = None
        self._workers: Workers | None = None
        self._fronts: list[Front] = []
        self.port = config.port

    @property
    def config(self) -> ServingConfig:
        """The configuration with the port on which the server listens, for a client."""
        return self._config.model_copy(update={"port": self.port})

    @property
    def version(self) -> int | None:
        """The version that is served now, None before the first."""
        model = self._watcher.current
        return model.version if model else None

    def start(self) -> None:
        """Binds the ports, begins to answer, and begins to look for versions; does not wait for one.

        Raises:
            ServingError: there is no such directory, a file for TLS does not work, or the port cannot be bound.
        """
        if not tf.io.gfile.isdir(self._model_dir):
            raise ServingError(
                f"There is no model directory {self._model_dir}; `coldcast run` makes one and pushes a model into it."
            )
        event_loop.run(self._start())
        self._watcher.start()

    async def _start(self) -> None:
        named = NamedModel(self._config.model_name, lambda: self._watcher.current)
        answers: dict[str, dict[str, Answer]] = {
            PREDICTION_SERVICE: {
                "Predict": Predict(named, Limits.of(self._config)),
                "GetModelMetadata": Metadata(named),
            },
            MODEL_SERVICE: {"GetModelStatus": Status(named.name, self._watcher)},
        }
        workers, health = Workers(self._config.threads_to_start, self._config.max_waiting), Health()
        self._workers, self._health = workers, health
        self._fronts = _make_fronts(self._config, answers, workers, health)
        try:
            self.port, *_ = [await front.start() for front in self._fronts]
        except BaseException:
            await self._stop(0.0)
            raise

    async def _stop(self, seconds: float) -> None:
        if self._health is not None:
            self._health.set(serving=False, ended=True)
        try:
            await asyncio.gather(*(front.stop(seconds) for front in self._fronts))
        finally:
            if self._workers is not None:
                self._workers.stop()
            self._fronts, self._workers = [], None

    def wait_until_available(self, seconds: float | None = None) -> None:
        """Returns once a version is served.

        Args:
            seconds: how long to wait; None takes `start_seconds` of the config.

        Raises:
            ServingError: the directory holds no version, no version loads, or none is available in time.
        """
        seconds = self._config.start_seconds if seconds is None else seconds
        end = time.monotonic() + seconds
        last_message = ""
        while self.version is None:
            paths = version_files.versions(self._model_dir)
            self._give_up_if_hopeless(paths)
            left = end - time.monotonic()
            if left <= 0:
                raise ServingError(
                    f"No version below {self._model_dir} became available within {seconds:g} s"
                    f"{self._newest_state(paths)}; copy it whole, or set serving.start_seconds to wait longer."
                )
            if not any(map(version_files.present, paths.values())):
                message = f"waiting for version {max(paths)} in {self._model_dir}: saved_model.pb is missing"
                if message != last_message:
                    self._tell(message)
                    last_message = message
            with self._available:
                if self.version is None:
                    self._available.wait(min(left, 0.1))

    def stop(self) -> None:
        """Answers the requests that have arrived (`stop_seconds`), refuses others, frees the ports and the model."""
        event_loop.run(self._stop(self._config.stop_seconds))
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
        health = self._health
        if self._watcher.current is not None and health is not None:
            event_loop.running_loop().call_soon_threadsafe(lambda: health.set(serving=True))
        with self._available:
            self._available.notify_all()

    def _newest_state(self, paths: dict[int, str]) -> str:
        newest = next(iter(self._watcher.states.all()), None)
        if newest is None:
            return ""
        reason = ""
        if newest.state == State.START:
            whole = newest.version in paths and version_files.present(paths[newest.version])
            still = "its files must stay unchanged for serving.settle_seconds"
            reason = f" ({still if whole else 'saved_model.pb is missing'})"
        return (
            f": version {newest.version} is in state {newest.state.name}{reason}{newest.error and ', ' + newest.error}"
        )

    def _give_up_if_hopeless(self, paths: dict[int, str]) -> None:
        if not paths:
            raise ServingError(f"{self._model_dir} holds no version (a folder whose name is a number); push a model.")
        failed = [state for state in self._watcher.states.all() if state.version in paths and state.error]
        if len(failed) == len(paths):
            raise ServingError(f"Version {failed[0].version} in {self._model_dir} cannot be served: {failed[0].error}")


def _make_fronts(config: ServingConfig, answers: Answers, workers: Workers, health: Health) -> list[Front]:
    """The fronts of a server, gRPC first: its port is the server's. Add a front here."""
    return [GrpcFront(config, answers, workers, health)]
