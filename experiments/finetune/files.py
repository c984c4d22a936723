"""The learning curve as CSV."""

from collections.abc import Sequence
from pathlib import Path

from experiments.finetune.points import CurvePoint
from experiments.systems.cell_files import COLUMNS, cell_line
from files.tables import write_table


def write_points(path: Path, points: Sequence[CurvePoint]) -> None:
    """A line for each point: its training rows, and then the columns of every other experiment."""
    write_table(path, ["rows", *COLUMNS], ([point.rows, *cell_line(point.cell)] for point in points))
