"""The state of each version, for GetModelStatus."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum

from serving.server.refusal import Code


class State(IntEnum):
    """ModelVersionStatus.State."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(frozen=True)
class VersionState:
    """State of one version; `error` says why its files could not be loaded, and is empty otherwise.

    An error with AVAILABLE means that the files changed and do not load. The server keeps the earlier files.
    """

    version: int
    state: State
    error: str = ""

    @property
    def error_code(self) -> int:
        """The number of a TensorFlow or gRPC status: OK, or UNKNOWN with an error."""
        return Code.UNKNOWN if self.error else 0


class States:
    """Version states by number; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[int, VersionState] = {}

    def set(self, version: int, state: State, error: str = "") -> None:
        """Notes that `version` is now in `state`."""
        with self._lock:
            self._states[version] = VersionState(version, state, error)
            if state == State.AVAILABLE:
                self._drop_starts(lambda other: other < version)

    def start(self, version: int) -> None:
        """Notes that `version` waits to be loaded. Only the greatest such version is kept, since it loads first."""
        with self._lock:
            if not any(state.state == State.START and state.version > version for state in self._states.values()):
                self._drop_starts(lambda other: other < version)
                self._states[version] = VersionState(version, State.START)

    def end(self, version: int) -> None:
        """Notes that `version` has ended, unless it is loaded again by now."""
        with self._lock:
            state = self._states.get(version)
            if state is not None and state.state == State.UNLOADING:
                self._states[version] = VersionState(version, State.END)

    def keep(self, present: Collection[int]) -> None:
        """Forgets absent versions that wait or did not load, and the errors of other absent versions."""
        with self._lock:
            self._drop_starts(lambda version: version not in present)
            for version in set(self._states) - set(present):
                state = self._states[version]
                if state.error and state.state == State.END:
                    del self._states[version]
                elif state.error:  # the files that did not load are gone
                    self._states[version] = VersionState(version, state.state)

    def all(self) -> list[VersionState]:
        """Every version that was ever loaded or does not load, and the next one to load; the greatest first."""
        with self._lock:
            return [self._states[version] for version in sorted(self._states, reverse=True)]

    def _drop_starts(self, which: Callable[[int], bool]) -> None:
        waiting = [version for version, state in self._states.items() if state.state == State.START and which(version)]
        for version in waiting:
            del self._states[version]
