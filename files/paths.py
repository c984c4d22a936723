"""Rules about the files and folders that users name."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from files.errors import FolderError

_PATTERN = "*?[\\"
"""Beam and TensorFlow read these as a pattern wherever they list files, even in the name of a folder."""


def expanded(path: str) -> str:
    """`path` with a leading `~` replaced by the home folder; addresses of object stores stay as they are."""
    return os.path.expanduser(path)  # noqa: PTH111 (pathlib would drop a slash of `s3://`)


HomePath = Annotated[str, AfterValidator(expanded)]
"""A value of the config that names a file or a folder. A leading `~` is the home folder."""


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
