"""The learning curve on the screen: for each source, AP by rows, and then the changes."""

from collections.abc import Sequence

from rich.console import Console

from experiments.finetune.points import CurvePoint
from experiments.p_values import p_text
from experiments.systems.cells import ALL_WORLDS, sources_of
from experiments.systems.reading import say_how_to_read
from experiments.systems.texts import ap_text, change_text, interval_text, slice_text
from pipeline.terminal.fitting import TableColumn, show_columns


def show_points(console: Console, points: Sequence[CurvePoint], task: str) -> None:
    """Prints the tables of the points of all worlds.

    Args:
        console: the screen.
        points: of `points_of`.
        task: the new task.
    """
    together = [point for point in points if point.cell.world == ALL_WORLDS]
    for source in sources_of(point.cell for point in together):
        own = [p for p in together if p.cell.row.keys.get("source") == source]
        whole = [p for p in own if slice_text(p.cell.row) == "all"]
        show_columns(console, ap_columns(whole), apart=True, title=f"AP of {task}, source {source}")
        show_columns(console, change_columns(own), apart=True, title=f"Change of AP, source {source}")
    say_how_to_read(console, [point.cell.row for point in together])


def aps_of(points: Sequence[CurvePoint]) -> dict[str, dict[int, float]]:
    """AP by system and rows, of points of one slice: the systems and those that they are compared with."""
    aps: dict[str, dict[int, float]] = {}
    for point in points:
        for system, ap in ((point.cell.system, point.cell.row.ours), (point.cell.against, point.cell.row.theirs)):
            if ap is not None:
                aps.setdefault(system, {})[point.rows] = ap
    return aps


def ap_columns(points: Sequence[CurvePoint]) -> list[TableColumn]:
    """A row for each number of rows and a column for each system, of points of one slice."""
    rows = list(dict.fromkeys(point.rows for point in points))
    columns = [TableColumn("rows", [f"{number:,}" for number in rows], right=True)]
    for system, aps in aps_of(points).items():
        columns.append(TableColumn(system, [ap_text(aps.get(number)) for number in rows], right=True))
    positives = {point.rows: point.cell.row.positives for point in points}
    texts = [f"{positives[number]:,}" for number in rows]
    columns.append(TableColumn("positives", texts, right=True, rank=1))
    return columns


def change_columns(points: Sequence[CurvePoint]) -> list[TableColumn]:
    """A row for each comparison, of points of one source; the slices beside all rows."""
    by_pair: dict[tuple[int, str, str], dict[str, CurvePoint]] = {}
    for point in points:
        pair = (point.rows, point.cell.system, point.cell.against)
        by_pair.setdefault(pair, {})[slice_text(point.cell.row)] = point
    whole = [of_pair["all"].cell.row for of_pair in by_pair.values()]
    columns = [
        TableColumn("rows", [f"{rows:,}" for rows, _, _ in by_pair], right=True),
        TableColumn("way", [way for _, way, _ in by_pair]),
        TableColumn("against", [against for _, _, against in by_pair]),
        TableColumn("change", [change_text(row) for row in whole], right=True),
        TableColumn("95 % interval", [interval_text(row) for row in whole], right=True),
        TableColumn("q", [p_text(row.q) for row in whole], right=True, rank=1),
    ]
    for name in ("less-streamed", "unseen show"):
        texts = [change_text(of[name].cell.row) if name in of else "" for of in by_pair.values()]
        columns.append(TableColumn(name, texts, right=True, rank=2))
    return columns
