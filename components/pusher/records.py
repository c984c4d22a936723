"""Records of pushes: in each version the digest of its model, and beside the versions the greatest number given."""

import json
import posixpath
from dataclasses import asdict, dataclass

from absl import logging
from tfx.dsl.io import fileio

from components.pusher.digest import RECORD
from files.atomic import write_file
from models.versions import version_number

GREATEST = ".last-version"


@dataclass(frozen=True)
class Record:
    """The record in a version's folder: the number it was published as, and the digest of its model."""

    version: int
    digest: str


def read(folder: str) -> Record | None:
    """The record in a version's folder; None if there is none, or, with a warning, if it is damaged."""
    path = posixpath.join(folder, RECORD)
    if not fileio.exists(path):
        return None
    try:
        with fileio.open(path, "r") as file:
            values = json.loads(file.read())
    except ValueError:  # no JSON, or no UTF-8
        values = None
    if not isinstance(values, dict) or type(values.get("version")) is not int or type(values.get("digest")) is not str:
        logging.warning("%s is damaged: its version is left alone, like one that nobody pushed.", path)
        return None
    return Record(values["version"], values["digest"])


def write(folder: str, record: Record) -> None:
    """Writes the record of a version."""
    write_file(posixpath.join(folder, RECORD), json.dumps(asdict(record)) + "\n")


def greatest(directory: str) -> int:
    """The greatest version ever published below `directory`, by the note there; 0 without one, or if it is damaged."""
    path = posixpath.join(directory, GREATEST)
    if not fileio.exists(path):
        return 0
    with fileio.open(path, "rb") as file:
        version = version_number(file.read().decode(errors="replace").strip())
    if version is None:
        logging.warning("%s holds no number, so the numbers of versions that were removed may be given again.", path)
    return version or 0


def note_greatest(directory: str, version: int) -> None:
    """Notes that `version` is taken, before its folder appears, so that no other push takes the same number."""
    write_file(posixpath.join(directory, GREATEST), f"{version}\n", durable=True)
