"""A power calculation as a CSV file."""

from collections.abc import Sequence
from pathlib import Path

from experiments.ab.power.calculation import SHOWN_DAYS, PowerRow
from files.tables import write_table


def write_power(path: Path, rows: Sequence[PowerRow]) -> None:
    """A line for each segment and metric of a power calculation; a missing value is empty."""
    lifts = [f"smallest_lift_{days}_days" for days in SHOWN_DAYS]
    columns = ["segment", "metric", "value", "lift", "days", "extrapolated", *lifts, "slope"]
    write_table(path, columns, map(_line, rows))


def _line(row: PowerRow) -> list[object]:
    slope = row.curve.slope if row.curve else None
    return [row.segment, row.metric, row.value, row.lift, row.days, row.extrapolated, *row.smallest, slope]
