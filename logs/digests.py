"""Digests of the content of files, remembered by what the file system says about a file, as Git's index does.

A file whose size, times and inode are those of an earlier digest is not read again, so the cost of looking at logs does
not grow with their bytes. A file that changed shortly before it was read is not remembered, since another change could
follow within one tick of the file system's clock.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from apache_beam.io.filesystems import FileSystems
from pydantic import TypeAdapter, ValidationError

from files.atomic import write_file
from files.paths import is_local
from logs.errors import FileError, reason_of

_READERS = 4
_PIECE = 1 << 20
_YOUNG_NS = 2_000_000_000
"""A file that changed less than this before it was read is not remembered; no file system's clock is coarser."""

Signature = tuple[int, int, int, int]
"""Size, time of the last change of content and of the last change at all in nanoseconds, and inode."""

_Known = TypeAdapter(dict[str, tuple[Signature, str]])


class Digests:
    """Digests of files.

    Args:
        memory: a local file that remembers digests between runs, "" for none. A damaged one is begun anew.
    """

    def __init__(self, memory: str = "") -> None:
        self._memory = memory
        self._known: dict[str, tuple[Signature, str]] = {}
        if memory and Path(memory).is_file():
            try:
                self._known = _Known.validate_json(Path(memory).read_bytes())
            except ValidationError:
                self._known = {}

    def of(self, paths: Sequence[str]) -> list[str | FileError]:
        """The digest of each file, or why it has none. Afterwards it remembers `paths` alone."""
        with ThreadPoolExecutor(_READERS) as pool:
            results = list(pool.map(self._digest, paths))
        known = {path: entry for path, (_, entry) in zip(paths, results, strict=True) if entry}
        if self._memory and known != self._known:
            write_file(self._memory, _Known.dump_json(known))
        self._known = known
        return [digest for digest, _ in results]

    def _digest(self, path: str) -> tuple[str | FileError, tuple[Signature, str] | None]:
        try:
            if not is_local(path):
                return str(FileSystems.checksum(path)), None
            before = _signature(path)
            signature, digest = self._known.get(path, (None, ""))
            if signature == before:
                return digest, (before, digest)
            began = time.time_ns()
            digest = _read(path)
            settled = began - max(before[1], before[2]) > _YOUNG_NS and _signature(path) == before
            return digest, (before, digest) if settled else None
        except OSError as error:  # Beam's errors, too
            problem = f"cannot be read: {reason_of(error)}; fix the file, remove it, or allow to read it"
            return FileError(path, problem), None


def _signature(path: str) -> Signature:
    status = os.stat(path)  # noqa: PTH116
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _read(path: str) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    with open(path, "rb") as file:
        digest.update(str(os.fstat(file.fileno()).st_size).encode())
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
