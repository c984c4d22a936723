"""Tables as CSV files, whole or absent."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from files.atomic import write_file


def write_table(path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a CSV file with a heading and a line for each row, over what was there; None is an empty cell.

    Args:
        path: the file; its folder need not exist.
        columns: the heading.
        rows: the values of each line, one for each column.

    Raises:
        OSError: the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_file(path, text.getvalue())
