"""A step of ingestion: Beam maps one function over work items that hold references, with a barrier after it.

Rows never travel through Beam. Functions read and write files, and return small dataclasses, which are written to JSON
files as well, so that they come back from any runner. Beam's local runner was once seen to lose an item on a busy
machine, so an item without a file is done again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.pipeline import Pipeline
from pydantic import TypeAdapter

from files.storage import read_json, write_json
from logs.errors import FileError, LogError, OutputError, reason_of, summarise

Item = TypeVar("Item")
Result = TypeVar("Result")

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 3


@dataclass(frozen=True)
class _BadFile:
    """The result of an item that met a `FileError`."""

    path: str
    problem: str


@dataclass(frozen=True)
class _Failure:
    """The result of an item that could not read or write ingestion's own files."""

    reason: str


@dataclass(frozen=True)
class Steps:
    """Runs steps one after the other.

    Attributes:
        make_pipeline: makes a new Beam pipeline, one a step.
        scratch: folder for the steps' files and results; every worker reaches it.
        progress: called with the name of each step as it starts.
    """

    make_pipeline: Callable[[], Pipeline]
    scratch: str
    progress: Callable[[str], None]

    def run(
        self, name: str, function: Callable[[Item], Result], result_type: type[Result], items: Sequence[Item]
    ) -> list[Result]:
        """The results of `function` for each item, in the items' order.

        Args:
            name: the step's name, for the screen and the folder of its results.
            function: importable by name.
            result_type: the dataclass that `function` returns.
            items: the work items.

        Raises:
            LogError: `function` raised FileErrors; the message holds all of them.
            OutputError: `function` could not write or read ingestion's own files, for example on a full disk, or the
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
                f"Beam lost {len(missing)} of {len(items)} work items of {name} in each of {_ATTEMPTS} attempts; see "
                f"that every worker reaches {self.scratch} (docs/scale.md), or choose another runner in beam.args"
            )
        results = [decode(read_json(path), result_type, _BadFile, _Failure) for path in paths]
        bad_files = [(result.path, result.problem) for result in results if isinstance(result, _BadFile)]
        if bad_files:
            raise LogError("; ".join(summarise(bad_files)))
        failures = dict.fromkeys(result.reason for result in results if isinstance(result, _Failure))
        if failures:
            raise OutputError.of(self.scratch, "; ".join(failures))
        return results

    def _do(self, name: str, function: Callable[[Item], Any], work: list[tuple[Item, str]]) -> None:
        try:
            with self.make_pipeline() as pipeline:
                (pipeline | f"{name}: items" >> beam.Create(work, reshuffle=True) | name >> beam.ParDo(_Work(function)))
        except Exception:
            self._refuse_unwritable(name)  # one sentence instead of Beam's traceback
            raise

    def _refuse_unwritable(self, name: str) -> None:
        """Raises the error if nothing can be written, the likeliest reason for a work item without a result."""
        try:
            write_json(f"{self.scratch}/results/{name}/failed.json", {})
        except OSError as error:
            raise OutputError.of(self.scratch, reason_of(error)) from None


def encode(value: Any) -> dict[str, Any]:
    """A dataclass as JSON, under the name of its type."""
    return {type(value).__name__: TypeAdapter(type(value)).dump_python(value, mode="json")}


def decode(json: dict[str, Any], *types: type) -> Any:
    """The dataclass that `encode` turned into `json`; one of `types`."""
    ((name, fields),) = json.items()
    (known,) = (known for known in types if known.__name__ == name)
    return TypeAdapter(known).validate_python(fields)


class _Work(beam.DoFn):
    """Applies a function to an item and writes its result as JSON."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def process(self, work: tuple[Any, str]) -> tuple[()]:
        item, path = work
        try:
            result = self._function(item)
        except FileError as error:  # for the user to fix: returned as data, without Beam's traceback
            result = _BadFile(error.path, error.problem)
        except OSError as error:
            result = _Failure(reason_of(error))
        write_json(path, encode(result))
        return ()
