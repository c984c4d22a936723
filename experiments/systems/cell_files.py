"""Cells as CSV."""

import csv
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from components.evaluation.paired.row import PairedRow
from experiments.systems.cells import Cell

_FIELDS = tuple(field.name for field in fields(PairedRow) if field.name not in {"keys", "sources", "measure"})
_KEYS = ("source", "stream_tier", "less_streamed", "unseen_show")
COLUMNS = ("system", "against", "world", "slice", *_KEYS, *_FIELDS)


def write_cells(path: Path, cells: Sequence[Cell], published: dict[tuple[str, str], float] | None = None) -> None:
    """A line for each cell, with every field of `PairedRow`; a missing value is empty.

    Args:
        path: the file.
        cells: of `cells_of`.
        published: the published relative change by system and source, for a last column; None leaves it out.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *(["published"] if published is not None else [])])
        for cell in cells:
            line = cell_line(cell)
            if published is not None:
                whole = set(cell.row.keys) == {"source"}
                line.append(published.get((cell.system, str(cell.row.keys["source"])), "") if whole else "")
            writer.writerow(line)


def cell_line(cell: Cell) -> list[object]:
    """The values of `COLUMNS`."""
    keys = [cell.row.keys.get(key, "") for key in _KEYS]
    figures = [_text(getattr(cell.row, name)) for name in _FIELDS]
    return [cell.system, cell.against, cell.world, cell.row.slice, *keys, *figures]


def _text(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, tuple) else value
