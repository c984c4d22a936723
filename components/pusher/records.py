"""What pushes write down: in each version which model it is, and beside the versions the greatest number given."""

import json
import posixpath
from dataclasses import asdict, dataclass

from absl import logging
from tfx.dsl.io import fileio

from components.pusher.digest import RECORD
from components.pusher.disk import sync
from files.paths import is_local
from models.versions import version_number

GREATEST = ".last-version"


@dataclass(frozen=True)
class Record:
    """What a version says of itself: the number it was published as, and the digest of its model."""

    version: int
    digest: str


def read(folder: str) -> Record | None:
    """The record of a version's folder; None, with a warning, where it is damaged, and where there is none."""
    path = posixpath.join(folder, RECORD)
    if not fileio.exists(path):
        return None
    try:
        with fileio.open(path, "r") as file:
            held = json.loads(file.read())
    except ValueError:  # no JSON, or no UTF-8
        held = None
    if not isinstance(held, dict) or type(held.get("version")) is not int or not isinstance(held.get("digest"), str):
        logging.warning("%s is damaged: its version is left alone, as one that was not pushed.", path)
        return None
    return Record(held["version"], held["digest"])


def write(folder: str, record: Record) -> None:
    """Writes the record of a version."""
    fileio.makedirs(posixpath.dirname(posixpath.join(folder, RECORD)))
    with fileio.open(posixpath.join(folder, RECORD), "w") as file:
        file.write(json.dumps(asdict(record)) + "\n")


def greatest(directory: str) -> int:
    """The greatest version that was ever published below `directory`, by its file; 0 without one, or a damaged one."""
    path = posixpath.join(directory, GREATEST)
    if not fileio.exists(path):
        return 0
    with fileio.open(path, "rb") as file:
        version = version_number(file.read().decode(errors="replace").strip())
    if version is None:
        logging.warning("%s holds no number: versions that were removed are not known any more.", path)
    return version or 0


def note_greatest(directory: str, version: int) -> None:
    """Writes down that `version` is given away; before it appears, so that it is not given again."""
    path = posixpath.join(directory, GREATEST)
    with fileio.open(f"{path}.new", "w") as file:
        file.write(f"{version}\n")
    if is_local(path):  # else it may be empty after a loss of power
        sync(f"{path}.new")
    fileio.rename(f"{path}.new", path, overwrite=True)
