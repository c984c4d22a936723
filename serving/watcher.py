"""Which version is served: the greatest one in the model directory that is complete and loads.

A new version is loaded and warmed beside the served one and published by storing one reference; each request holds
the model it began with, so that nothing is ever taken from under it. A version that fails to load changes nothing.
"""

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import tensorflow as tf

from serving import version_files
from serving.config import ServingConfig
from serving.errors import ServingError
from serving.loadcheck.static import require_servable
from serving.loaded_model import LoadedModel, load
from serving.states import State, States

_LOG = logging.getLogger(__name__)


@dataclass
class _Seen:
    """A version not served yet: its files, since when they are as they are, and when loading them failed."""

    fingerprint: Hashable
    since: float
    failed: float | None = None


class Watcher:
    """Polls a model directory and keeps `current` the version to serve."""

    def __init__(self, config: ServingConfig, model_dir: str, on_change: Callable[[], None] = lambda: None) -> None:
        """Does nothing yet.

        Args:
            config: how often to look, how long files must be still, when to try again.
            model_dir: holds one directory a version, named by its number.
            on_change: called after each poll, from the watcher's thread.
        """
        self.current: LoadedModel | None = None
        self.states = States()
        self._config = config
        self._model_dir = model_dir.rstrip("/")
        self._on_change = on_change
        self._seen: dict[int, _Seen] = {}
        self._garbage = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-watcher", daemon=True)

    def start(self) -> None:
        """Begins to poll in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends polling, waiting for a load under way, and lets go of the model."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self.current = None

    def poll(self) -> None:
        """Looks at the directory once, and loads and publishes a better version if there is one."""
        if self._garbage:  # a Graph is full of cycles: without this, memory grows with each version
            self._garbage = False
            gc.collect()
        try:
            found = version_files.versions(self._model_dir)
        except tf.errors.OpError as error:  # for a moment out of reach: what is served stays
            _LOG.warning("Cannot list %s: %s", self._model_dir, error.message)
            return
        self.states.keep_starts(found)
        for version in sorted(found, reverse=True):
            if (self.current and version == self.current.version) or self._serve(version, found[version]):
                return

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self.poll()
            except Exception:  # whatever it is, the next poll must come
                _LOG.exception("Looking at %s failed", self._model_dir)
            self._on_change()
            self._stopping.wait(self._config.poll_seconds)

    def _serve(self, version: int, path: str) -> bool:
        """Loads and publishes a version that is ready to be; whether it is served now."""
        fingerprint = self._ready(version, path)
        if fingerprint is None:
            return False
        _LOG.info("Loading version %d", version)
        self.states.set(version, State.LOADING)
        try:
            model = self._load(version, path, fingerprint)
        except Exception as error:  # TensorFlow raises many kinds; none may touch what is served
            reason = str(error) or type(error).__name__
            _LOG.warning("Version %d does not load and is not served: %s", version, reason)
            self._seen[version].failed = time.monotonic()
            self.states.set(version, State.END, reason)
            return False
        del self._seen[version]
        self._publish(model)
        return True

    def _ready(self, version: int, path: str) -> Hashable | None:
        """The fingerprint of a version's files if they are all there, still, and not just found to be broken."""
        try:
            if not version_files.present(path):
                return None
            fingerprint = version_files.fingerprint(path)
        except tf.errors.OpError:  # renamed or removed in the meantime
            return None
        now = time.monotonic()
        seen = self._seen.get(version)
        if seen is None or seen.fingerprint != fingerprint:
            seen = self._seen[version] = _Seen(fingerprint, now)
            self.states.start(version)
        if now - seen.since < self._config.settle_seconds:
            return None
        if seen.failed is not None and now - seen.failed < self._config.retry_seconds:
            return None
        return fingerprint

    def _load(self, version: int, path: str, fingerprint: Hashable) -> LoadedModel:
        require_servable(path)
        model = load(path, version, self._config)
        if version_files.fingerprint(path) != fingerprint:
            raise ServingError(f"The files of {path} changed while they were loaded.")
        return model

    def _publish(self, model: LoadedModel) -> None:
        old, self.current = self.current, model
        self.states.set(model.version, State.AVAILABLE)
        _LOG.info("Serving version %d", model.version)
        if old is not None:
            self.states.set(old.version, State.UNLOADING)
            # The last request that holds it ends it: to close a Session cancels what runs in it.
            ended = weakref.finalize(old, self._ended, old.version)
            ended.atexit = False

    def _ended(self, version: int) -> None:
        self.states.set(version, State.END)
        self._garbage = True
