"""An analysis as CSV and JSON files."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from experiments.ab.analyze.results import Analysis, ChangeRow
from files.atomic import write_file
from files.tables import write_table


def write_changes(path: Path, rows: Sequence[ChangeRow]) -> None:
    """A line for each change, with every field of `ChangeRow`; a missing value is empty."""
    names = [field.name for field in fields(ChangeRow)]
    write_table(path, names, ([getattr(row, name) for name in names] for row in rows))


def write_json(path: Path, analysis: Analysis) -> None:
    """Everything: the fields of `Analysis` and of its rows; days as 2026-01-31, a missing value as null."""
    write_file(path, json.dumps(asdict(analysis), indent=2, default=str) + "\n")
