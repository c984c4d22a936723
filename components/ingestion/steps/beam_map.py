"""A stage of ingestion: one function mapped by Beam over work items that hold references, a barrier after it.

Rows never travel through Beam: functions read and write files, and what they return is small, JSON-able, and written to
a file as well, so that it comes back from any runner. An item that was lost, as was seen once of the local runner on a
busy machine, is done again, whatever the runner thinks.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.pipeline import Pipeline

from files.storage import read_json, write_json
from logs.errors import FileError, LogError, OutputError, reason_of, summarise

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 3


@dataclass(frozen=True)
class Stages:
    """Runs stages one after the other.

    Attributes:
        make_pipeline: a new Beam pipeline, one a stage.
        scratch: folder for the stages' files and results; every worker reaches it.
        progress: told the name of each stage as it starts.
    """

    make_pipeline: Callable[[], Pipeline]
    scratch: str
    progress: Callable[[str], None]

    def run(self, name: str, function: Callable[[Any], dict[str, Any]], items: Sequence[Any]) -> list[dict[str, Any]]:
        """The results of `function`, importable by name, for each item, in the items' order.

        Raises:
            LogError: with what all FileErrors that `function` raised say.
            OutputError: `function` could not write or read ingestion's own files, say because the disk is full, or the
                runner lost work.
        """
        if not items:
            return []
        self.progress(name)
        paths = [f"{self.scratch}/results/{name}/{number:06d}.json" for number in range(len(items))]
        missing = list(zip(items, paths, strict=True))
        for attempt in range(_ATTEMPTS):
            if attempt:
                _LOG.warning("Beam lost %d of %d work items of %s; doing them again", len(missing), len(items), name)
            self._do(name, function, missing)
            missing = [(item, path) for item, path in missing if not FileSystems.exists(path)]
            if not missing:
                break
        else:
            raise OutputError(
                f"Beam lost {len(missing)} of {len(items)} work items of {name}, {_ATTEMPTS} times over; "
                "choose another runner in beam.args"
            )
        results = [read_json(path) for path in paths]
        problems = [result["problem"] for result in results if "problem" in result]
        if problems:
            raise LogError("; ".join(summarise(problems)))
        failures = dict.fromkeys(result["failure"] for result in results if "failure" in result)
        if failures:
            raise OutputError.of(self.scratch, "; ".join(failures))
        return results

    def _do(self, name: str, function: Callable[[Any], dict[str, Any]], work: list[tuple[Any, str]]) -> None:
        try:
            with self.make_pipeline() as pipeline:
                (pipeline | f"{name}: items" >> beam.Create(work, reshuffle=True) | name >> beam.ParDo(_Work(function)))
        except Exception:
            self._refuse_unwritable(name)  # the likeliest reason, in a sentence instead of Beam's traceback
            raise

    def _refuse_unwritable(self, name: str) -> None:
        """Tries what a work item failed to do if it could not even write its result."""
        try:
            write_json(f"{self.scratch}/results/{name}/failed.json", {})
        except OSError as error:
            raise OutputError.of(self.scratch, reason_of(error)) from None


class _Work(beam.DoFn):
    """Applies a function to an item and writes what it returns as JSON."""

    def __init__(self, function: Callable[[Any], dict[str, Any]]) -> None:
        self._function = function

    def process(self, work: tuple[Any, str]) -> tuple[()]:
        item, path = work
        try:
            result = self._function(item)
        except FileError as error:  # the user's to mend: goes back as data, clean of Beam's traceback
            result = {"problem": (error.path, error.problem)}
        except OSError as error:
            result = {"failure": reason_of(error)}
        write_json(path, result)
        return ()
