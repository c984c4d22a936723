"""Publishing a model folder as a new integer version, all of it or nothing, and never the same model twice.

TensorFlow Serving polls a directory for integer names and loads what it finds, so that a version must appear complete:
the model is copied under a name that is no integer, and then renamed.
"""

import contextlib
import fcntl
import json
import posixpath
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from tfx.dsl.io import fileio

from components.pusher.digest import RECORD, model_digest, model_files
from models.versions import version_number

STAGING = ".pushing-"
_LOCK = ".push-lock"
_LAST = "saved_model.pb"  # what servers take as the sign that a version is there


class PushError(ValueError):
    """The model cannot be published."""


@dataclass(frozen=True)
class Publication:
    """A published version.

    Attributes:
        version: its integer name.
        path: its folder.
        new: whether this call published it; otherwise the same model had been published before.
        newer: greater versions, ascending; where there are any, servers serve the last of them instead.
        replaced: folder of the version that was served before a new one, None for the first.
    """

    version: int
    path: str
    new: bool
    newer: tuple[int, ...] = ()
    replaced: str | None = None


def publish(model: str, directory: str) -> Publication:
    """Publishes the SavedModel in folder `model` as a new version below `directory`, unless it is there already.

    The version is the time in whole seconds, or one more than the greatest version if that is not smaller. What an
    interrupted call left behind is removed first. On a local disk calls exclude each other by a lock that the system
    frees when a process dies, and the last step is one rename. Object stores cannot rename a folder: there
    `saved_model.pb` is copied last, and nothing but a second pipeline pushing there at the same time is unsafe.

    Raises:
        PushError: `model` holds no `saved_model.pb`.
    """
    if not fileio.exists(posixpath.join(model, _LAST)):
        raise PushError(f"The model folder {model} holds no {_LAST}; export the model before pushing it.")
    fileio.makedirs(directory)
    with _locked(directory):
        _clean(directory)
        digest = model_digest(model)
        digests = published(directory)
        versions = _versions(directory)
        same = [version for version, other in digests.items() if other == digest]
        if same:
            version = max(same)
            newer = tuple(sorted(other for other in versions if other > version))
            return Publication(version, _path(directory, version), new=False, newer=newer)
        version = max(int(time.time()), max(versions, default=0) + 1)
        staged = posixpath.join(directory, f"{STAGING}{version}-{uuid.uuid4().hex}")
        _stage(model, staged, {"version": version, "digest": digest})
        _appear(staged, _path(directory, version))
        replaced = _path(directory, versions[-1]) if versions else None
        return Publication(version, _path(directory, version), new=True, replaced=replaced)


def published(directory: str) -> dict[int, str]:
    """Versions below `directory` that `publish` completed, ascending, each with its model's digest."""
    digests = {}
    for version in _versions(directory):
        path = _path(directory, version)
        if fileio.exists(posixpath.join(path, RECORD)) and fileio.exists(posixpath.join(path, _LAST)):
            with fileio.open(posixpath.join(path, RECORD), "r") as file:
                digests[version] = json.loads(file.read())["digest"]
    return digests


def _versions(directory: str) -> list[int]:
    numbers = map(version_number, fileio.listdir(directory))
    return sorted(number for number in numbers if number is not None)


def _path(directory: str, version: int) -> str:
    return posixpath.join(directory, str(version))


def _clean(directory: str) -> None:
    """Removes staging folders, and versions with our record but without what makes a version."""
    for name in fileio.listdir(directory):
        if name.startswith(STAGING):
            fileio.rmtree(posixpath.join(directory, name.rstrip("/")))
    for version in _versions(directory):
        path = _path(directory, version)
        if fileio.exists(posixpath.join(path, RECORD)) and not fileio.exists(posixpath.join(path, _LAST)):
            fileio.rmtree(path)


def _stage(model: str, staged: str, record: dict[str, object]) -> None:
    for path in model_files(model):
        _copy(model, staged, path)
    fileio.makedirs(posixpath.dirname(posixpath.join(staged, RECORD)))
    with fileio.open(posixpath.join(staged, RECORD), "w") as file:
        file.write(json.dumps(record) + "\n")


def _appear(staged: str, final: str) -> None:
    if _is_local(final):
        fileio.rename(staged, final)
        return
    for path in (RECORD, *(path for path in model_files(staged) if path != _LAST), _LAST):
        _copy(staged, final, path)
    fileio.rmtree(staged)


def _copy(source: str, target: str, path: str) -> None:
    fileio.makedirs(posixpath.dirname(posixpath.join(target, path)))
    fileio.copy(posixpath.join(source, path), posixpath.join(target, path))


def _is_local(path: str) -> bool:
    return "://" not in path


@contextlib.contextmanager
def _locked(directory: str) -> Iterator[None]:
    if not _is_local(directory):
        yield
        return
    with open(posixpath.join(directory, _LOCK), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
