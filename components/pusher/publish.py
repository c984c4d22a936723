"""Publishing a model folder as a new integer version, all of it or nothing, and never the same model twice.

TensorFlow Serving polls a directory for integer names and loads what it finds, so that a version must appear complete:
the model is copied under a name that is no integer, and then renamed.
"""

import contextlib
import fcntl
import os
import posixpath
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from tfx.dsl.io import fileio

from components.pusher import records
from components.pusher.digest import RECORD, model_digest, model_files
from components.pusher.disk import sync
from components.pusher.errors import PushError
from files.paths import is_local
from models.versions import version_number

STAGING = ".pushing-"
_LOCK = ".push-lock"
_LAST = "saved_model.pb"  # what servers take as the sign that a version is there


@dataclass(frozen=True)
class Publication:
    """A published version.

    Attributes:
        version: its integer name.
        path: its folder.
        new: whether this call published it; otherwise the same model had been published before.
        newer: greater versions, ascending; where there are any, servers serve the last of them instead.
        replaced: folder of the version that was served before a new one, None for the first.
        damaged: the version that the same model had been published as, where its files are not those of the model
            any more, so that it was published anew; else None.
    """

    version: int
    path: str
    new: bool
    newer: tuple[int, ...] = ()
    replaced: str | None = None
    damaged: int | None = None


def publish(model: str, directory: str) -> Publication:
    """Publishes the SavedModel in folder `model` as a new version below `directory`, unless it is there already.

    The version is the time in whole seconds, or one more than the greatest version there ever was if that is not
    smaller: a number is never given twice, though its folder be removed. What an interrupted call left behind is
    removed first. On a local disk calls exclude each other by a lock that the system frees when a process dies, and
    the last step is one rename of files that are on the disk. Object stores cannot rename a folder: there
    `saved_model.pb` is copied last, and nothing but a second pipeline pushing there at the same time is unsafe.

    Raises:
        PushError: `model` holds no `saved_model.pb`, or no number is left for a version.
    """
    if not fileio.exists(posixpath.join(model, _LAST)):
        raise PushError(f"The model folder {model} holds no {_LAST}; export the model before pushing it.")
    fileio.makedirs(directory)
    with _locked(directory):
        _clean(directory)
        digest = model_digest(model)
        versions = _versions(directory)
        same = max((version for version, other in published(directory).items() if other == digest), default=None)
        if same is not None and model_digest(_path(directory, same)) == digest:
            newer = tuple(version for version in versions if version > same)
            return Publication(same, _path(directory, same), new=False, newer=newer)
        version = _next(directory, versions)
        staged = posixpath.join(directory, f"{STAGING}{version}-{uuid.uuid4().hex}")
        _stage(model, staged, records.Record(version, digest))
        records.note_greatest(directory, version)
        _appear(staged, _path(directory, version))
        replaced = _path(directory, versions[-1]) if versions else None
        return Publication(version, _path(directory, version), new=True, replaced=replaced, damaged=same)


def published(directory: str) -> dict[int, str]:
    """Versions below `directory` that `publish` made, ascending, each with the digest that its model had."""
    digests = {}
    for version in _versions(directory):
        path = _path(directory, version)
        record = records.read(path)
        if record is not None:
            digests[version] = record.digest
    return digests


def _next(directory: str, versions: list[int]) -> int:
    """The time, or what follows the greatest of the versions that are there, were published, or name themselves."""
    recorded = [record.version for version in versions if (record := records.read(_path(directory, version)))]
    greatest = max([records.greatest(directory), *versions, *recorded])
    version = max(int(time.time()), greatest + 1)
    if version_number(str(version)) is None:
        raise PushError(
            f"Nothing can be published in {directory}: no number is left above version {greatest}; remove its folder, "
            f"and {records.GREATEST} beside it if it names that number."
        )
    return version


def _versions(directory: str) -> list[int]:
    """Ascending."""
    numbers = map(version_number, fileio.listdir(directory))
    return sorted(number for number in numbers if number is not None)


def _path(directory: str, version: int) -> str:
    return posixpath.join(directory, str(version))


def _clean(directory: str) -> None:
    """Removes what an interrupted push left: staging folders and, where nothing is renamed, versions half there."""
    for name in fileio.listdir(directory):
        if name.startswith(STAGING):
            fileio.rmtree(posixpath.join(directory, name.rstrip("/")))
    for version in [] if is_local(directory) else _versions(directory):
        path = _path(directory, version)
        if not fileio.exists(posixpath.join(path, _LAST)) and records.read(path) is not None:
            fileio.rmtree(path)


def _stage(model: str, staged: str, record: records.Record) -> None:
    for path in model_files(model):
        _copy(model, staged, path)
    records.write(staged, record)


def _appear(staged: str, final: str) -> None:
    if is_local(final):
        for folder, _, names in os.walk(staged):  # else a crash of the machine may leave the name and no content
            for path in (*(posixpath.join(folder, name) for name in names), folder):
                sync(path)
        fileio.rename(staged, final)
        sync(posixpath.dirname(final))
        return
    for path in (RECORD, *(path for path in model_files(staged) if path != _LAST), _LAST):
        _copy(staged, final, path)
    fileio.rmtree(staged)


def _copy(source: str, target: str, path: str) -> None:
    fileio.makedirs(posixpath.dirname(posixpath.join(target, path)))
    fileio.copy(posixpath.join(source, path), posixpath.join(target, path))


@contextlib.contextmanager
def _locked(directory: str) -> Iterator[None]:
    if not is_local(directory):
        yield
        return
    with open(posixpath.join(directory, _LOCK), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
