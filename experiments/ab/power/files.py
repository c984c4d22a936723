"""A power calculation as a CSV file."""

import csv
from collections.abc import Sequence
from pathlib import Path

from experiments.ab.power.calculation import SHOWN_DAYS, PowerRow


def write_power(path: Path, rows: Sequence[PowerRow]) -> None:
    """A line for each segment and metric of a power calculation; a missing value is empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        lifts = [f"smallest_lift_{days}_days" for days in SHOWN_DAYS]
        writer.writerow(["segment", "metric", "value", "lift", "days", "extrapolated", *lifts, "slope"])
        for row in rows:
            slope = row.curve.slope if row.curve else None
            figures = (row.segment, row.metric, row.value, row.lift, row.days, row.extrapolated)
            writer.writerow([*figures, *row.smallest, slope])
