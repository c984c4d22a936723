"""Gains as CSV, and the points of other logs read back from it."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

from components.evaluation.paired.row import PairedRow
from experiments.systems.errors import SystemsError
from experiments.transfer.gains import Gain
from experiments.transfer.grid import Coordinates
from files.tables import write_table

_COORDINATES = tuple(field.name for field in fields(Coordinates))
_FIELDS = tuple(field.name for field in fields(PairedRow) if field.name not in {"keys", "sources", "measure", "label"})


class MeasuredPoint(NamedTuple):
    """One row of a transfer.csv of other logs, to draw into a map."""

    name: str
    coordinates: Coordinates
    source: str
    rival: str
    relative: float
    excludes_zero: bool


def write_gains(path: Path, gains: Sequence[Gain]) -> None:
    """A line for each gain, with the coordinates of its point; a missing value is empty."""
    columns = [*_COORDINATES, "source", "rival", "system", "slice", "excludes_zero", *_FIELDS]
    write_table(path, columns, map(_line, gains))


def _line(gain: Gain) -> list[object]:
    coordinates = [getattr(gain.coordinates, name) for name in _COORDINATES]
    row = gain.row
    figures = [getattr(row, name) for name in _FIELDS]
    texts = [" ".join(value) if isinstance(value, tuple) else value for value in figures]
    return [*coordinates, gain.source, gain.rival, gain.system, row.slice, int(row.excludes_zero), *texts]


def read_points(options: Iterable[str]) -> list[MeasuredPoint]:
    """The points of `NAME=CSV` options, without those of slices and those that are not judged.

    Raises:
        SystemsError: an option has another form, or its file is no transfer.csv.
    """
    points = []
    for option in options:
        name, equals, path = option.partition("=")
        if not equals or not name:
            raise SystemsError(f"--point {option}: write NAME=CSV, such as ours=work/ours-experiments/transfer.csv")
        points += _read(name, Path(path).expanduser())
    return points


def _read(name: str, path: Path) -> list[MeasuredPoint]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [
                MeasuredPoint(
                    name,
                    Coordinates(
                        float(line["show_correlation"]),
                        float(line["user_correlation"]),
                        float(line["ratio"]),
                        int(line["scarce"]),
                    ),
                    line["source"],
                    line["rival"],
                    float(line["relative"]),
                    line["excludes_zero"] == "1",
                )
                for line in csv.DictReader(file)
                if line["judged"] == "True" and line["slice"] == f"source={line['source']}"
            ]
    except OSError as error:
        raise SystemsError(f"--point {name}: cannot read {path}: {error.strerror}") from None
    except (KeyError, ValueError, UnicodeDecodeError):
        raise SystemsError(f"--point {name}: {path} is not a transfer.csv; name one that this command wrote") from None
