"""Cells as CSV."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from components.evaluation.paired.row import PairedRow
from experiments.systems.cells import Cell
from files.tables import write_table

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
    if published is None:
        write_table(path, COLUMNS, map(cell_line, cells))
    else:
        write_table(path, [*COLUMNS, "published"], ([*cell_line(cell), _published(cell, published)] for cell in cells))


def cell_line(cell: Cell) -> list[object]:
    """The values of `COLUMNS`."""
    keys = [cell.row.keys.get(key, "") for key in _KEYS]
    figures = [_text(getattr(cell.row, name)) for name in _FIELDS]
    return [cell.system, cell.against, cell.world, cell.row.slice, *keys, *figures]


def _published(cell: Cell, published: dict[tuple[str, str], float]) -> object:
    whole = set(cell.row.keys) == {"source"}
    return published.get((cell.system, str(cell.row.keys["source"]))) if whole else None


def _text(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, tuple) else value
