"""Decides which version is served: the greatest one in the model directory that is complete and loads.

The watcher loads and warms a new version beside the served one, and publishes it by storing one reference. Each request
holds the model that it started with, so a swap takes nothing from it. A version that fails to load changes nothing. If
the files of the served version change, the watcher loads them in the same way.
"""

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import tensorflow as tf

from serving.config import ServingConfig
from serving.errors import ServingError
from serving.savedmodel.static import require_servable
from serving.server.versions import version_files
from serving.server.versions.loaded_model import LoadedModel, load
from serving.server.versions.states import State, States

_LOG = logging.getLogger(__name__)


@dataclass
class _Seen:
    """Files of a version that are not served yet: since when they are unchanged, and when and why they failed."""

    fingerprint: Hashable
    since: float
    failed: float | None = None
    reason: str = ""


class Watcher:
    """Polls a model directory and keeps `current` the version to serve."""

    def __init__(
        self,
        config: ServingConfig,
        model_dir: str,
        on_change: Callable[[], None] = lambda: None,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Does nothing yet.

        Args:
            config: how often to look, how long files must be unchanged, when to try again.
            model_dir: holds one directory a version, named by its number.
            on_change: called after each poll, from the watcher's thread.
            tell: gets a message when the served version changes, or when a version fails to load. The watcher's
                thread calls it.
        """
        self.current: LoadedModel | None = None
        self.states = States()
        self._config = config
        self._model_dir = model_dir.rstrip("/")
        self._on_change = on_change
        self._tell = tell
        self._served: Hashable = None
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
            paths = version_files.versions(self._model_dir)
        except tf.errors.OpError as error:  # out of reach for a moment: keep the served version
            _LOG.warning("Cannot list %s: %s", self._model_dir, error.message)
            return
        self.states.keep(paths)
        self._seen = {version: seen for version, seen in self._seen.items() if version in paths}
        for version in sorted(paths, reverse=True):
            if self._serve(version, paths[version]) or self._serves(version):
                return

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self.poll()
            except Exception:  # of any kind: the next poll must still run
                _LOG.exception("Looking at %s failed", self._model_dir)
            self._on_change()
            self._stopping.wait(self._config.poll_seconds)

    def _serves(self, version: int) -> bool:
        return self.current is not None and self.current.version == version

    def _serve(self, version: int, path: str) -> bool:
        """Loads and publishes a version if its files are ready; returns whether it did."""
        fingerprint = self._ready(version, path)
        if fingerprint is None:
            return False
        _LOG.info("Loading version %d", version)
        if not self._serves(version):
            self.states.set(version, State.LOADING)
        try:
            model = self._load(version, path, fingerprint)
        except Exception as error:  # TensorFlow raises many kinds; none may affect the served version
            self._fail(version, str(error) or type(error).__name__)
            return False
        del self._seen[version]
        self._served = fingerprint
        self._publish(model)
        return True

    def _ready(self, version: int, path: str) -> Hashable | None:
        """The fingerprint of a version's files; None if they are served already, still change, or have just failed."""
        try:
            if not version_files.present(path):  # still on its way: an object store gets it last
                if not self._serves(version):
                    self.states.start(version)
                return None
            fingerprint = version_files.fingerprint(path)
        except tf.errors.OpError:  # renamed or removed in the meantime
            return None
        if self._serves(version) and fingerprint == self._served:
            if self._seen.pop(version, None) is not None:
                self.states.set(version, State.AVAILABLE)
            return None
        now = time.monotonic()
        seen = self._seen.get(version)
        if seen is None or seen.fingerprint != fingerprint:
            seen = self._seen[version] = _Seen(fingerprint, now)
            if not self._serves(version):
                self.states.start(version)
        if now - seen.since < self._config.settle_seconds:
            return None
        if seen.failed is not None and now - seen.failed < self._config.retry_seconds:
            return None
        return fingerprint

    def _load(self, version: int, path: str, fingerprint: Hashable) -> LoadedModel:
        require_servable(path)
        try:
            model = load(path, version, self._config)
        except tf.errors.OpError as error:
            raise ServingError(_in_words(error.message, path)) from error
        if version_files.fingerprint(path) != fingerprint:
            raise ServingError(f"The files of {path} changed while they were loaded.")
        return model

    def _fail(self, version: int, reason: str) -> None:
        seen = self._seen[version]
        message = f"version {version} does not load and is not served: {reason}"
        if self._serves(version):
            message = (
                f"The files of version {version} changed and do not load. The server keeps the earlier files: {reason}"
            )
        _LOG.warning(message)
        if self.current is not None and reason != seen.reason:  # tried again and again, reported once
            self._tell(message)
        seen.failed, seen.reason = time.monotonic(), reason
        self.states.set(version, State.AVAILABLE if self._serves(version) else State.END, reason)

    def _publish(self, model: LoadedModel) -> None:
        if self.current is None:
            for state in self.states.all():
                if state.error:  # not reported yet: if nothing had loaded, the start would have failed with it
                    self._tell(f"version {state.version} does not load and is not served: {state.error}")
        old, self.current = self.current, model
        self.states.set(model.version, State.AVAILABLE)
        _LOG.info("Serving version %d", model.version)
        if old is None:
            return
        change = " with its changed files" if old.version == model.version else ""
        self._tell(f"now serving version {model.version}{change}")
        if old.version != model.version:
            self.states.set(old.version, State.UNLOADING)
        # The old model ends with its last request: closing a Session cancels the calls that run in it.
        ended = weakref.finalize(old, self._ended, old.version)
        ended.atexit = False

    def _ended(self, version: int) -> None:
        self._garbage = True
        self.states.end(version)


def _in_words(message: str, path: str) -> str:
    """One sentence from the message of an op that failed while `path` was loaded, without the graph around it."""
    lines = [line.strip() for line in message.splitlines()]
    reason = next(
        (line for line in lines if line and line != "Graph execution error:" and not line.startswith("[[")), ""
    )
    if "RestoreV2" in message:
        return f"The files in {path}/variables are cut short or damaged, copy or export them again: {reason}"
    return f"The SavedModel in {path} does not load: {reason}"
