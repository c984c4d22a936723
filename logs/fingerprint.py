"""What identifies the content of logs, so that caches notice a change and nothing else."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

from apache_beam.io.filesystems import FileSystems

from files.paths import is_local
from logs.errors import LogError, reason_of
from logs.listing import list_logs

_READERS = 4
_PIECE = 1 << 20


def fingerprint(logs: str) -> str:
    """A hash of names, sizes and contents of all files that ingestion would read.

    Local files are read, at about the disk's speed; of remote ones the store's own checksum is asked. Copying or
    touching the logs keeps the fingerprint, adding, removing, renaming or changing a file changes it.

    Raises:
        LogError: a table is missing, a file lies where ingestion would refuse it or cannot be read, or the store tells
            no checksum of it.
    """
    root = logs.rstrip("/")
    listed = list_logs(root)
    if listed.problems:  # of files that are in no partition, so that the fingerprint would not notice them
        raise LogError("; ".join(listed.problems))
    paths = [path for partitions in listed.partitions.values() for part in partitions for path in part.paths]
    with ThreadPoolExecutor(_READERS) as pool:
        digests = list(pool.map(_digest, paths))
    whole = hashlib.sha256()
    for path, digest in zip(paths, digests, strict=True):
        whole.update(f"{path[len(root) :]}\0{digest}\n".encode())
    return whole.hexdigest()


def _digest(path: str) -> str:
    try:
        return _checksum(path)
    except OSError as error:  # Beam's errors, too
        raise LogError(f"{path} cannot be read: {reason_of(error)}; mend, remove or allow to read the file") from None


def _checksum(path: str) -> str:
    if not is_local(path):
        return str(FileSystems.checksum(path))
    digest = hashlib.sha1(usedforsecurity=False)
    with open(path, "rb") as file:
        digest.update(str(os.fstat(file.fileno()).st_size).encode())
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
