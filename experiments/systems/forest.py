"""A forest plot: the change of each system with its interval, slice by slice, a panel for each source."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from experiments.systems.cells import ALL_WORLDS, Cell, sources_of
from experiments.systems.drawing import COLOURS, MARKERS, save, style
from experiments.systems.texts import slice_text

_TICKS = (-0.95, -0.9, -0.8, -0.65, -0.5, -0.35, -0.2, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 9.0)
_LEAST, _MOST = math.log(0.03), math.log(20.0)
_ROW, _GAP = 0.17, 0.5  # inches of a row; rows between two slices


def draw_forest(
    path: Path,
    cells: Sequence[Cell],
    title: str,
    published: Mapping[tuple[str, str], float] | None = None,
) -> None:
    """Draws the cells of all worlds whose slice names a source.

    A filled mark has an interval without 0, an open one may be chance. A slice with too few positives has no mark.

    Args:
        path: the file, of any format that Matplotlib writes.
        cells: of `cells_of`.
        title: of the picture.
        published: published changes by system and source, drawn as a cross beside `all`.
    """
    drawn = [cell for cell in cells if cell.world == ALL_WORLDS and "source" in cell.row.keys and cell.row.judged]
    sources = sources_of(drawn) or ("",)
    systems = list(dict.fromkeys(cell.system for cell in drawn))
    slices = list(dict.fromkeys(slice_text(cell.row) for cell in drawn))
    with style():
        height = 1.4 + _ROW * len(slices) * (len(systems) + _GAP)
        figure = Figure(figsize=(5.2 * len(sources), max(height, 3.0)))
        axes = figure.subplots(1, len(sources), sharey=True, squeeze=False)[0]
        for axis, source in zip(axes, sources, strict=True):
            own = [cell for cell in drawn if cell.row.keys["source"] == source]
            _panel(axis, own, systems, slices)
            axis.set_title(f"source {source}", fontsize=10)
            for (system, of_source), value in (published or {}).items():
                if of_source == source and system in systems and "all" in slices:
                    place = _place(slices.index("all"), systems.index(system), len(systems))
                    axis.plot([math.log1p(value)], [place], "x", color="black", markersize=6, zorder=4)
        if slices:
            middle = (len(systems) - 1) / 2
            axes[0].set_yticks([_place(number, 0, len(systems)) + middle for number in range(len(slices))], slices)
            axes[0].set_ylim(_place(len(slices) - 1, len(systems), len(systems)), -1)
        handles = [
            Line2D([], [], color=_colour(number), marker=MARKERS[number % len(MARKERS)], label=system, linewidth=1.2)
            for number, system in enumerate(systems)
        ]
        if published:
            handles.append(Line2D([], [], color="black", marker="x", linestyle="", label="published"))
        figure.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, fontsize=8, frameon=False
        )
        figure.tight_layout()
        figure.suptitle(title, y=1.0, va="bottom", fontsize=11)
        save(figure, path)


def _panel(axis: Axes, cells: Sequence[Cell], systems: Sequence[str], slices: Sequence[str]) -> None:
    axis.axvline(0.0, color="#666666", linewidth=1)
    axis.grid(visible=False, axis="y")
    for number in range(1, len(slices), 2):  # every second slice has a grey ground
        top = _place(number, 0, len(systems)) - (1 + _GAP) / 2
        axis.axhspan(top, top + len(systems) + _GAP, color="#f5f5f5", zorder=0)
    for cell in cells:
        row, system = cell.row, systems.index(cell.system)
        if row.relative is None or row.relative_low is None or row.relative_high is None:
            continue
        place = _place(slices.index(slice_text(row)), system, len(systems))
        low, value, high = (_log(change) for change in (row.relative_low, row.relative, row.relative_high))
        colour = _colour(system)
        axis.plot([low, high], [place, place], color=colour, linewidth=1.2)
        axis.plot(
            [value],
            [place],
            MARKERS[system % len(MARKERS)],
            color=colour,
            markersize=4.5,
            markerfacecolor=colour if row.excludes_zero else "white",
        )
    axis.xaxis.set_major_locator(FixedLocator([math.log1p(tick) for tick in _TICKS]))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda log, _: f"{math.expm1(log):+.0%}"))
    axis.tick_params(axis="x", labelrotation=60, labelsize=8)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("change of AP and its 95 % interval", fontsize=9)


def _place(slice_: int, system: int, systems: int) -> float:
    """The height of a row, from 0 at the top."""
    return slice_ * (systems + _GAP) + system


def _log(change: float) -> float:
    """The place of a relative change on the axis; a value far out is drawn at the edge."""
    return min(max(math.log(max(1.0 + change, 1e-9)), _LEAST), _MOST)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
