"""Whether two SavedModel folders hold the same model: a digest of their files."""

import hashlib
import posixpath
from collections.abc import Iterator

from tfx.dsl.io import fileio

from components.pusher.card_files import CARD_JSON, CARD_MARKDOWN

RECORD = "assets.extra/coldcast_push.json"
_BESIDE = {RECORD, CARD_JSON, CARD_MARKDOWN}
"""Files beside a published model that are not part of it."""

_CHUNK = 1 << 20


def model_files(folder: str) -> list[str]:
    """Paths of all files below `folder`, relative to it, sorted, without what a push adds."""
    return sorted(path for path in _walk(folder) if path not in _BESIDE)


def model_digest(folder: str) -> str:
    """SHA-256, in hex, over the relative paths, sizes and bytes of the model's files."""
    digest = hashlib.sha256()
    for path in model_files(folder):
        content = hashlib.sha256()
        size = 0
        with fileio.open(posixpath.join(folder, path), "rb") as file:
            while chunk := file.read(_CHUNK):
                content.update(chunk)
                size += len(chunk)
        digest.update(f"{path}\0{size}\0{content.hexdigest()}\n".encode())
    return digest.hexdigest()


def _walk(folder: str) -> Iterator[str]:
    for parent, _, names in fileio.walk(folder):
        for name in names:
            yield posixpath.relpath(posixpath.join(parent, name), folder)
