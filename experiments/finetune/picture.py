"""The learning curve: AP by training rows, and below it the change against training from nothing, for each source."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from experiments.finetune.points import CurvePoint
from experiments.finetune.systems import NOTHING, WAYS
from experiments.finetune.tables import aps_of
from experiments.systems.cells import ALL_WORLDS, sources_of
from experiments.systems.drawing import COLOURS, MARKERS, save, style
from experiments.systems.texts import slice_text


def draw_curve(path: Path, points: Sequence[CurvePoint], title: str) -> None:
    """Draws the points of all worlds and all rows of a source.

    Heads that need no training are dashed lines. A filled mark of a change has an interval without 0. A change with too
    few positives has no mark.

    Args:
        path: the file, of any format that Matplotlib writes.
        points: of `points_of`.
        title: of the picture.
    """
    drawn = [
        point
        for point in points
        if point.cell.world == ALL_WORLDS and "source" in point.cell.row.keys and slice_text(point.cell.row) == "all"
    ]
    sources = sources_of(point.cell for point in drawn) or ("",)
    systems = list(aps_of(drawn))
    with style():
        figure = Figure(figsize=(5.2 * len(sources), 6.2))
        axes = figure.subplots(2, len(sources), sharex="col", squeeze=False)
        for number, source in enumerate(sources):
            own = [point for point in drawn if point.cell.row.keys["source"] == source]
            _draw_aps(axes[0, number], own, systems)
            _draw_changes(axes[1, number], own, systems)
            axes[0, number].set_title(f"source {source}", fontsize=10)
            _number_rows(axes[1, number], sorted({point.rows for point in own}))
        axes[0, 0].set_ylabel("AP", fontsize=9)
        axes[1, 0].set_ylabel(f"change against {NOTHING}", fontsize=9)
        handles = [_handle(system, systems.index(system)) for system in systems]
        figure.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, fontsize=8, frameon=False
        )
        figure.tight_layout()
        figure.suptitle(title, y=1.0, va="bottom", fontsize=11)
        save(figure, path)


def _draw_aps(axis: Axes, points: Sequence[CurvePoint], systems: Sequence[str]) -> None:
    for system, aps in aps_of(points).items():
        number = systems.index(system)
        rows = sorted(aps)
        trained = system in WAYS
        axis.plot(
            rows,
            [aps[each] for each in rows],
            marker=MARKERS[number % len(MARKERS)] if trained else "",
            linestyle="-" if trained else "--",
            color=COLOURS[number % len(COLOURS)],
            linewidth=1.4,
            markersize=4.5,
        )
    axis.set_ylim(bottom=0)


def _draw_changes(axis: Axes, points: Sequence[CurvePoint], systems: Sequence[str]) -> None:
    axis.axhline(0.0, color="#666666", linewidth=1)
    compared = [point for point in points if point.cell.against == NOTHING and point.cell.row.judged]
    ways = list(dict.fromkeys(point.cell.system for point in compared))
    for point in compared:
        row, number = point.cell.row, systems.index(point.cell.system)
        if row.relative is None or row.relative_low is None or row.relative_high is None:
            continue
        colour = COLOURS[number % len(COLOURS)]
        place = point.rows * 1.06 ** (ways.index(point.cell.system) - (len(ways) - 1) / 2)  # beside each other
        axis.plot([place, place], [row.relative_low, row.relative_high], color=colour, linewidth=1.2)
        axis.plot(
            [place],
            [row.relative],
            MARKERS[number % len(MARKERS)],
            color=colour,
            markersize=4.5,
            markerfacecolor=colour if row.excludes_zero else "white",
        )
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axis.set_xlabel("training rows", fontsize=9)


def _number_rows(axis: Axes, rows: Sequence[int]) -> None:
    axis.set_xscale("log")
    axis.set_xticks(rows)
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))


def _handle(system: str, number: int) -> Line2D:
    marker = MARKERS[number % len(MARKERS)] if system in WAYS else ""
    line = "-" if system in WAYS else "--"
    return Line2D([], [], color=COLOURS[number % len(COLOURS)], marker=marker, linestyle=line, label=system)
