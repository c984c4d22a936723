"""Where the logs lie, as a file: the cache key has its path, which names the logs' content and not their folder."""

import posixpath
import uuid

from tfx.dsl.io import fileio


def write_location(logs: str, fingerprint: str, folder: str) -> str:
    """Writes where `logs` lie into a file below `folder` and returns its path, which holds `fingerprint`.

    The same content gives the same path wherever it lies, so that logs moved or copied are no change.
    """
    path = posixpath.join(folder, f"{fingerprint}.txt")
    fileio.makedirs(folder)
    written = f"{path}.{uuid.uuid4().hex}"
    with fileio.open(written, "w") as file:
        file.write(logs)
    fileio.rename(written, path, overwrite=True)
    return path


def read_location(path: str) -> tuple[str, str]:
    """The folder that `write_location` was given last for these logs, and their fingerprint."""
    with fileio.open(path) as file:
        return file.read(), posixpath.basename(path).removesuffix(".txt")
