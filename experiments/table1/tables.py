"""The results on the screen, a table for each source: all systems beside the baseline, or one system beside all."""

from collections.abc import Sequence

from rich.console import Console

from components.evaluation.paired.row import PairedRow
from experiments.p_values import p_text
from experiments.systems.cells import ALL_WORLDS, Cell, sources_of
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
            title = f"AP of streams, source {source}, against {BASELINE.name} ({ap_text(whole[0].row.theirs)})"
            show_columns(console, system_columns(whole), apart=True, title=title)
            show_columns(console, slice_columns(own), apart=True, title=f"Change by slice, source {source}")
    say_how_to_read(console, [cell.row for cell in together])
    say_sentence(console, "`published`: the figure that the publication reports, measured on its own logs.")


def show_beside(console: Console, cells: Sequence[Cell]) -> None:
    """Prints how one system differs from each of the others, of the cells of all worlds."""
    together = [cell for cell in cells if cell.world == ALL_WORLDS]
    for source in sources_of(together):
        own = [cell for cell in together if cell.row.keys.get("source") == source]
        title = f"AP of streams, source {source}: {own[0].system} ({ap_text(own[0].row.ours)}) beside the others"
        show_columns(console, beside_columns(own), apart=True, title=title)
    say_how_to_read(console, [cell.row for cell in together])


def beside_columns(cells: Sequence[Cell]) -> list[TableColumn]:
    """A row for each other system, from the cells of one source: all rows, and less-streamed and unseen shows."""
    by_other: dict[str, dict[str, PairedRow]] = {}
    for cell in cells:
        by_other.setdefault(cell.against, {})[slice_text(cell.row)] = cell.row
    whole = [of_other["all"] for of_other in by_other.values()]
    columns = [
        TableColumn("beside", list(by_other)),
        TableColumn("its AP", [ap_text(row.theirs) for row in whole], right=True, rank=2),
        TableColumn("change", [change_text(row) for row in whole], right=True),
        TableColumn("95 % interval", [interval_text(row) for row in whole], right=True),
        TableColumn("q", [p_text(row.q) for row in whole], right=True, rank=1),
    ]
    for name, rank in (("less-streamed", 0), ("unseen show", 4)):
        rows = [of_other[name] for of_other in by_other.values() if name in of_other]
        if len(rows) == len(whole):
            columns.append(TableColumn(name, [change_text(row) for row in rows], right=True, rank=rank))
            columns.append(
                TableColumn("95 % interval", [interval_text(row) for row in rows], right=True, rank=rank + 1)
            )
    return columns


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
