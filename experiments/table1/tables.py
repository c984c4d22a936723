"""The results on the screen: for each source a table of all rows, then one of the slices."""

from collections.abc import Sequence

from rich.console import Console

from components.evaluation.paired.row import PairedRow
from experiments.p_values import p_text
from experiments.systems.cells import ALL_WORLDS, Cell
from experiments.systems.reading import say_how_to_read
from experiments.systems.texts import ap_text, change_text, interval_text, slice_text
from experiments.table1.systems import BASELINE, PUBLISHED
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say_sentence


def show_table1(console: Console, cells: Sequence[Cell]) -> None:
    """Prints the tables of the cells of all worlds, and how to read them."""
    together = [cell for cell in cells if cell.world == ALL_WORLDS]
    for source in sources_of(together):
        own = [cell for cell in together if cell.row.keys.get("source") == source]
        whole = [cell for cell in own if set(cell.row.keys) == {"source"}]
        if whole:
            title = f"\nAP of streams, source {source}, against {BASELINE.name} ({ap_text(whole[0].row.theirs)})"
            show_columns(console, system_columns(whole), title=title)
            show_columns(console, slice_columns(own), title=f"\nChange by slice, source {source}")
    say_how_to_read(console, [cell.row for cell in together])
    say_sentence(console, "`published` is what the publication reports on its own logs.")


def sources_of(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The sources that slices are made by, in the order of the cells."""
    return tuple(dict.fromkeys(str(cell.row.keys["source"]) for cell in cells if "source" in cell.row.keys))


def system_columns(cells: Sequence[Cell]) -> list[TableColumn]:
    """A row for each system, from the cells of one slice."""
    published = [PUBLISHED.get((cell.system, str(cell.row.keys.get("source")))) for cell in cells]
    return [
        TableColumn("system", [cell.system for cell in cells]),
        TableColumn("AP", [ap_text(cell.row.ours) for cell in cells], right=True),
        TableColumn("change", [change_text(cell.row) for cell in cells], right=True),
        TableColumn("95 % interval", [interval_text(cell.row) for cell in cells], right=True),
        TableColumn("q", [p_text(cell.row.q) for cell in cells], right=True),
        TableColumn("published", ["" if value is None else f"{value:+.1%}" for value in published], right=True),
        TableColumn("positives", [f"{cell.row.positives:,}" for cell in cells], right=True, rank=1),
    ]


def slice_columns(cells: Sequence[Cell]) -> list[TableColumn]:
    """A row for each slice and a column for each system, from the cells of one source."""
    rows: dict[str, dict[str, PairedRow]] = {}
    for cell in cells:
        rows.setdefault(slice_text(cell.row), {})[cell.system] = cell.row
    systems = dict.fromkeys(cell.system for cell in cells)
    first = [next(iter(of_systems.values())) for of_systems in rows.values()]
    columns = [TableColumn("slice", list(rows))]
    for system in systems:
        texts = [change_text(of[system], digits=0) if system in of else "" for of in rows.values()]
        columns.append(TableColumn(system, texts, right=True))
    columns.append(TableColumn("positives", [f"{row.positives:,}" for row in first], right=True, rank=1))
    return columns
