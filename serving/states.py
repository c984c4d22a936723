"""The state of each version, as GetModelStatus tells it."""

import threading
from dataclasses import dataclass
from enum import IntEnum

import grpc


class State(IntEnum):
    """ModelVersionStatus.State."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(frozen=True)
class VersionState:
    """State of one version; `error` says why a version that ended could not be loaded, and is empty otherwise."""

    version: int
    state: State
    error: str = ""

    @property
    def error_code(self) -> int:
        """The number of a gRPC status: OK, or UNKNOWN with an error."""
        return (grpc.StatusCode.UNKNOWN if self.error else grpc.StatusCode.OK).value[0]


class States:
    """Version states by number; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[int, VersionState] = {}

    def set(self, version: int, state: State, error: str = "") -> None:
        """Notes that `version` is now in `state`."""
        with self._lock:
            self._states[version] = VersionState(version, state, error)

    def all(self) -> list[VersionState]:
        """Every version seen since the start, the greatest first."""
        with self._lock:
            return [self._states[version] for version in sorted(self._states, reverse=True)]
