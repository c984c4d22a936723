"""An analysis as CSV and JSON files."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from experiments.ab.analyze.results import Analysis, ChangeRow


def write_changes(path: Path, rows: Sequence[ChangeRow]) -> None:
    """A line for each change, with every field of `ChangeRow`; a missing value is empty."""
    names = [field.name for field in fields(ChangeRow)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(row, name) for name in names] for row in rows)


def write_json(path: Path, analysis: Analysis) -> None:
    """Everything: the fields of `Analysis` and of its rows; days as 2026-01-31, a missing value as null."""
    path.write_text(json.dumps(asdict(analysis), indent=2, default=str) + "\n", encoding="utf-8")
