"""A file that says where the logs are. TFX's cache key has its path, which names the content of the logs."""

import posixpath

from tfx.dsl.io import fileio

from files.atomic import write_file


def write_location(logs: str, fingerprint: str, folder: str) -> str:
    """Writes the folder of the logs into a file below `folder` and returns the file's path, which holds `fingerprint`.

    The same content gives the same path in any folder, so that moved or copied logs do not count as changed.
    """
    path = posixpath.join(folder, f"{fingerprint}.txt")
    write_file(path, logs)
    return path


def read_location(path: str) -> tuple[str, str]:
    """The folder that `write_location` wrote last for these logs, and their fingerprint."""
    with fileio.open(path) as file:
        return file.read(), posixpath.basename(path).removesuffix(".txt")
