"""One table of the report, and how the page writes its cells."""

from dataclasses import dataclass

Cell = str | int | float | None


@dataclass(frozen=True)
class ReportTable:
    """One table.

    Attributes:
        name: its place in the page, and the name of its CSV file.
        caption: what it shows.
        columns: the headings, and how the page writes the cells: `text`, `count`, `number`, `share`, or `change`.
        rows: the cells; a row with a label has it in the column `label`.
        few: for each row, whether it has too few positives to judge.
    """

    name: str
    caption: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    few: tuple[bool, ...] = ()

    @property
    def label_at(self) -> int | None:
        """The place of the column `label`; None if there is none."""
        return next((place for place, (heading, _) in enumerate(self.columns) if heading == "label"), None)


def text(value: Cell, kind: str) -> str:
    """A cell as the page writes it."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    form = {"count": "{:,.0f}", "number": "{:.4f}", "share": "{:.2%}", "change": "{:+.1%}"}[kind]
    return form.format(value)


def short(value: Cell) -> str:
    """A number for sorting, in seven digits; empty for none."""
    return "" if value is None else f"{value:.7g}" if isinstance(value, float) else str(value)
