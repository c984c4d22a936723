"""The learning curve as CSV."""

import csv
from collections.abc import Sequence
from pathlib import Path

from experiments.finetune.points import CurvePoint
from experiments.systems.cell_files import COLUMNS, cell_line


def write_points(path: Path, points: Sequence[CurvePoint]) -> None:
    """A line for each point: its training rows, and then the columns of every other experiment."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["rows", *COLUMNS])
        writer.writerows([point.rows, *cell_line(point.cell)] for point in points)
