"""A fingerprint of the content of logs, by which caches notice a change of content and nothing else."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

from apache_beam.io.filesystems import FileSystems

from files.paths import is_local
from logs.errors import FileError, LogError, reason_of, summarise
from logs.listing import list_logs

_READERS = 4
_PIECE = 1 << 20


def fingerprint(logs: str) -> str:
    """A hash of names, sizes and contents of all files that ingestion would read.

    Local files are read, at about the speed of the disk; for remote files the store gives its own checksum. Copying or
    touching the logs keeps the fingerprint; adding, removing, renaming, or changing a file changes it.

    Raises:
        LogError: a table is missing, ingestion would refuse a file, or a file or its checksum cannot be read.
    """
    root = logs.rstrip("/")
    listing = list_logs(root)
    if listing.problems:  # files in no partition, which the fingerprint would not notice
        raise LogError("; ".join(listing.problems))
    paths = [path for partitions in listing.partitions.values() for part in partitions for path in part.paths]
    with ThreadPoolExecutor(_READERS) as pool:
        digests = list(pool.map(_digest, paths))
    unreadable = [(digest.path, digest.problem) for digest in digests if isinstance(digest, FileError)]
    if unreadable:
        raise LogError("; ".join(summarise(unreadable)))
    whole = hashlib.sha256()
    for path, digest in zip(paths, digests, strict=True):
        whole.update(f"{path[len(root) :]}\0{digest}\n".encode())
    return whole.hexdigest()


def _digest(path: str) -> str | FileError:
    try:
        return _checksum(path)
    except OSError as error:  # Beam's errors, too
        return FileError(path, f"cannot be read: {reason_of(error)}; fix the file, remove it, or allow to read it")


def _checksum(path: str) -> str:
    if not is_local(path):
        return str(FileSystems.checksum(path))
    digest = hashlib.sha1(usedforsecurity=False)
    with open(path, "rb") as file:
        digest.update(str(os.fstat(file.fileno()).st_size).encode())
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
