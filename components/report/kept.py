"""The results of a run as a JSON file, which the node `Report` writes."""

import json
import posixpath
from dataclasses import asdict

from apache_beam.io.filesystems import FileSystems
from pydantic import TypeAdapter, ValidationError

from components.report.data import RunResults
from components.report.places import RESULTS
from files.atomic import write_file
from files.storage import read_json

_FORMAT = 2
"""The version of the file. Raise it if a field changes its meaning; a file of another version is not read."""


def write_results(results: RunResults, folder: str) -> None:
    """Writes `results.json`, from which `read_results` gives the same results."""
    write_file(posixpath.join(folder, RESULTS), json.dumps({"format": _FORMAT, "results": asdict(results)}))


def read_results(folder: str) -> RunResults | None:
    """The results that `write_results` wrote; None if there is no such file, or another version wrote it."""
    path = posixpath.join(folder, RESULTS)
    if not FileSystems.exists(path):
        return None
    document = read_json(path)
    if document["format"] != _FORMAT:
        return None
    try:
        return TypeAdapter(RunResults).validate_python(document["results"])
    except ValidationError:  # fields of the figures inside changed
        return None
