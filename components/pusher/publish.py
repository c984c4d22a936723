"""Publishing a model folder as a new integer version, all of it or nothing, and never the same model twice.

TensorFlow Serving polls a directory for integer names and loads what it finds, so that a version must appear complete:
the model is copied under a name that is no integer, and then renamed.
"""

import posixpath
import re
import time
from dataclasses import dataclass

from tfx.dsl.io import fileio

from components.pusher import records
from components.pusher.digest import model_digest, model_files
from components.pusher.errors import PushError
from files.atomic import PARTIAL_FILE, locked, new_folder
from files.paths import is_local
from models.versions import version_number

_LOCK = ".push-lock"
_LAST = "saved_model.pb"  # servers take it as the sign that a version is there
_INTERRUPTED = re.compile(r"\.(\d+\.partial(\.lock)?|pushing-.*)/?")
"""Folders that interrupted pushes leave: those of `files/atomic.py` for a version, and those of earlier releases."""


@dataclass(frozen=True)
class Publication:
    """A published version.

    Attributes:
        version: its integer name.
        path: its folder.
        new: whether this call published it; otherwise an earlier call had published the same model.
        newer: greater versions, ascending; if there are any, servers serve the last of them instead.
        replaced: folder of the version that was served before a new one, None for the first.
        damaged: the earlier version of the same model whose files have changed since, so that the model was published
            again; None if there is none.
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
    smaller: a number is never given twice, even if its folder is removed. Leftovers of an interrupted call are removed
    first. On a local disk calls exclude each other by a lock that the system frees when a process dies, and the last
    step is one rename of files that are on the disk. Object stores cannot rename a folder: there `saved_model.pb` is
    copied last, and only a second pipeline that pushes there at the same time is unsafe.

    Raises:
        PushError: `model` holds no `saved_model.pb`, or no number is left for a version.
        FolderError: `directory` cannot be written.
    """
    if not fileio.exists(posixpath.join(model, _LAST)):
        raise PushError(f"The model folder {model} holds no {_LAST}; export the model before pushing it.")
    fileio.makedirs(directory)
    with locked(posixpath.join(directory, _LOCK)):
        _clean(directory)
        digest = model_digest(model)
        versions = _versions(directory)
        same = max((version for version, other in published(directory).items() if other == digest), default=None)
        if same is not None and model_digest(_path(directory, same)) == digest:
            newer = tuple(version for version in versions if version > same)
            return Publication(same, _path(directory, same), new=False, newer=newer)
        version = _next(directory, versions)
        records.note_greatest(directory, version)
        _appear(model, _path(directory, version), records.Record(version, digest))
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
    """The time, or one more than the greatest version that is there, was published, or is named in a record."""
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
    """Removes what an interrupted push left: staged folders, partial files, and in an object store half a version."""
    for name in fileio.listdir(directory):
        if _INTERRUPTED.fullmatch(name) or PARTIAL_FILE.fullmatch(name):
            path = posixpath.join(directory, name.rstrip("/"))
            fileio.rmtree(path) if fileio.isdir(path) else fileio.remove(path)
    for version in [] if is_local(directory) else _versions(directory):
        path = _path(directory, version)
        if not fileio.exists(posixpath.join(path, _LAST)) and records.read(path) is not None:
            fileio.rmtree(path)


def _appear(model: str, final: str, record: records.Record) -> None:
    """Copies the model with its record to `final`."""
    if is_local(final):
        with new_folder(final, durable=True) as staged:
            _copy(model, str(staged), model_files(model))
            records.write(str(staged), record)
        return
    records.write(final, record)  # first: it tells an interrupted push from a version that somebody else is copying
    _copy(model, final, [*(path for path in model_files(model) if path != _LAST), _LAST])


def _copy(source: str, target: str, paths: list[str]) -> None:
    for path in paths:
        fileio.makedirs(posixpath.dirname(posixpath.join(target, path)))
        fileio.copy(posixpath.join(source, path), posixpath.join(target, path))
