"""Keeps a clean-up away from running pipelines that use the same root."""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from files.atomic import locked
from files.errors import InUseError
from pipeline.errors import RunsError


@contextlib.contextmanager
def running(home: Path) -> Iterator[None]:
    """Says that a pipeline runs in the root `home`, until the block ends or the process dies. Waits for a clean-up."""
    with contextlib.ExitStack() as stack:
        with _changing(home):
            stack.enter_context(locked(_folder(home) / f"{uuid.uuid4().hex}.lock"))
        yield


@contextlib.contextmanager
def cleaning(home: Path) -> Iterator[None]:
    """Lets no pipeline begin to run in the root `home` before the block ends.

    Raises:
        RunsError: a pipeline runs in it.
    """
    with _changing(home):
        for path in _folder(home).glob("*.lock"):  # of running processes, and of killed ones, which hold no lock
            if _held(path):
                raise RunsError(f"a run uses {home}: wait until it ends, and clean up then")
        yield


def _held(path: Path) -> bool:
    try:
        with locked(path, wait=False):
            return False
    except InUseError:
        return True


def _folder(home: Path) -> Path:
    return home / "running"


@contextlib.contextmanager
def _changing(home: Path) -> Iterator[None]:
    """Keeps out others that begin a run or a clean-up."""
    _folder(home).mkdir(parents=True, exist_ok=True)
    with locked(home / "running.lock"):
        yield
