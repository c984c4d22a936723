"""A fingerprint of the content of logs, by which caches notice a change of content and nothing else."""

import hashlib

from logs.digests import Digests
from logs.errors import FileError, LogError, summarise
from logs.listing import Listing, list_logs


def fingerprint(logs: str, memory: str = "") -> str:
    """A hash of names, sizes and contents of all files that ingestion would read.

    Local files are read, at about the speed of the disk; for remote files the store gives its own checksum. Copying or
    touching the logs keeps the fingerprint; adding, removing, renaming, or changing a file changes it.

    Args:
        logs: folder of the raw logs.
        memory: a local folder that remembers the digests of files, so that only changed files are read; "" for none.

    Raises:
        LogError: a table is missing, ingestion would refuse a file, or a file or its checksum cannot be read.
    """
    root = logs.rstrip("/")
    listing = list_logs(root)
    if listing.problems:  # files in no partition, which the fingerprint would not notice
        raise LogError("; ".join(listing.problems))
    whole = hashlib.sha256()
    for path, digest in digests_of(listing, memory).items():
        whole.update(f"{path[len(root) :]}\0{digest}\n".encode())
    return whole.hexdigest()


def digests_of(listing: Listing, memory: str = "") -> dict[str, str]:
    """The digest of each file of listed logs, by path.

    Args:
        listing: the logs.
        memory: as for `fingerprint`.

    Raises:
        LogError: a file or its checksum cannot be read.
    """
    paths = [path for partitions in listing.partitions.values() for part in partitions for path in part.paths]
    digests = Digests(f"{memory}/digests.json" if memory else "").of(paths)
    unreadable = [(digest.path, digest.problem) for digest in digests if isinstance(digest, FileError)]
    if unreadable:
        raise LogError("; ".join(summarise(unreadable)))
    return {path: digest for path, digest in zip(paths, digests, strict=True) if isinstance(digest, str)}
