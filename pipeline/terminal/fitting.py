"""Tables that choose their columns by the width of the screen, so that no word and no figure is cut.

A table is a list of columns. A column with a rank is shown where there is room for it, rank 1 first; a column may have
short cells, to show where its cells do not fit. While a column is short, no column of a greater rank is shown.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.terminal.screen import say, say_sentence

_GAP = 2


@dataclass(frozen=True)
class TableColumn:
    """One column of a table on the screen.

    Attributes:
        heading: broken at spaces, and after underscores, to the width of the cells.
        cells: one text for each row, of one or more lines.
        right: whether the cells stand on the right, as numbers do.
        rank: 0 for a column that is always shown whole; of the others, the smaller the rank, the longer it stays.
        short: the cells to show where `cells` do not fit; None leaves the column out there.
    """

    heading: str
    cells: Sequence[str]
    right: bool = False
    rank: int = 0
    short: Sequence[str] | None = None

    @property
    def width(self) -> int:
        """Columns of the screen that the widest cell or the longest piece of the heading takes."""
        lines = [line for cell in self.cells for line in cell.split("\n")]
        return max(map(cell_len, [*lines, *_pieces(self.heading)]), default=0)

    @property
    def lines(self) -> str:
        """The heading, broken into lines that are no wider than the column."""
        broken = ""
        for piece in _pieces(self.heading):
            last = broken.rpartition("\n")[2]
            gap = "" if not last or last.endswith("_") else " "
            broken += f"{gap}{piece}" if cell_len(f"{last}{gap}{piece}") <= self.width else f"\n{piece}"
        return broken


def fitting(columns: Iterable[TableColumn], width: int) -> list[TableColumn]:
    """The columns that fit a screen of `width` columns; those of rank 0 are there even if they do not fit."""
    columns = list(columns)
    whole = {0}
    for rank in sorted({column.rank for column in columns} - whole):
        if _width(_shown(columns, whole | {rank})) <= width:
            whole.add(rank)
        elif any(column.rank == rank and column.short is not None for column in columns):
            break
    return _shown(columns, whole)


def show_columns(
    console: Console, columns: Iterable[TableColumn], title: str | None = None, *, apart: bool = False
) -> None:
    """Prints `title` and those of `columns` that fit the screen, `apart` from earlier output by an empty line.

    A table whose columns of rank 0 are wider than the screen is printed whole, for the terminal to wrap.
    """
    shown = fitting(columns, console.width)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True, width=_width(shown))
    for column in shown:
        table.add_column(Text(column.lines), justify="right" if column.right else "left", no_wrap=True)
    for row in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*map(Text, row))  # the brackets of ids, names and paths are not markup
    if apart:
        say(console, "")
    if title is not None:
        say_sentence(console, title, style="table.title")
    console.print(table, soft_wrap=True)


def _shown(columns: list[TableColumn], whole: set[int]) -> list[TableColumn]:
    """The columns where those of the ranks `whole` are whole, and the others are short or left out."""
    shown = []
    for column in columns:
        if column.rank in whole:
            shown.append(column)
        elif column.short is not None:
            shown.append(replace(column, cells=column.short))
    return shown


def _width(columns: list[TableColumn]) -> int:
    return sum(column.width for column in columns) + _GAP * (len(columns) - 1)


def _pieces(heading: str) -> list[str]:
    """The parts of a heading that stay together: its words, broken after underscores."""
    return re.findall(r"[^\s_]*_+|[^\s_]+", heading)
