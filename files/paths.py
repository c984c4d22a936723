"""Rules about the folders that users name."""

from pathlib import Path

from files.errors import FolderError

_PATTERN = "*?[\\"
"""Beam and TensorFlow read these as a pattern wherever they list files, even in the name of a folder."""


def is_local(path: str) -> bool:
    """Whether `path` is on a disk of this machine."""
    return "://" not in path


def local_folder(path: str | Path) -> Path:
    """`path` as a folder on this machine, which need not exist.

    Raises:
        FolderError: `path` is an address in an object store.
    """
    if not is_local(str(path)):
        raise FolderError(f"{path} is not a folder on this machine: name one that is.")
    return Path(path)


def pattern_problem(path: str) -> str | None:
    """Why files cannot be written below `path`: Beam and TensorFlow would read it as a pattern. None if they can."""
    character = next((character for character in path if character in _PATTERN), None)
    return character and (f"a folder with {character} in its name is read as a pattern of several; name one without")
