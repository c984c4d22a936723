"""The smallest lift that a test finds, by its length, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from experiments.ab.power.calculation import PowerRow, PowerSettings, smallest_lift
from experiments.systems.drawing import save, style

_COLOURS = ("#1b7f5c", "#c2571a", "#31487f", "#8a3f8f")
_DASHES = ("-", "--", "-.", ":")
"""Lines differ by more than colour."""
_LONGEST = 90


def draw_power(path: Path, rows: Sequence[PowerRow], settings: PowerSettings) -> None:
    """Draws a panel for each segment with a line for each metric; a dot ends what was measured.

    Args:
        path: the file, of any format that Matplotlib writes.
        rows: of one calculation; those without a curve are left out.
        settings: of the calculation; the lift is a horizontal line.
    """
    drawn = [row for row in rows if row.curve]
    segments = list(dict.fromkeys(row.segment for row in drawn))
    columns = min(len(segments), 3) or 1
    lines = -(-len(segments) // columns) or 1
    with style():
        figure, axes = plt.subplots(
            lines, columns, figsize=(4 * columns, 3.2 * lines), sharex=True, sharey=True, squeeze=False
        )
        for axis, segment in zip(axes.flat, segments, strict=False):
            axis.set_title(segment, fontsize=10)
            axis.axhline(abs(settings.lift), color="#666666", linewidth=1)
            for number, row in enumerate(row for row in drawn if row.segment == segment):
                _line(axis, row, settings, number)
        for axis in axes.flat[len(segments) :]:
            axis.set_visible(False)
        for axis in axes.flat[max(len(segments) - columns, 0) : len(segments)]:  # the lowest panel of each column
            axis.tick_params(labelbottom=True)
        for axis in axes.flat[:1]:
            axis.set(xscale="log", yscale="log", xlim=(1, _LONGEST))
            axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axis.xaxis.set_major_formatter(FuncFormatter(lambda day, _: f"{day:g}"))
            axis.set_xticks([1, 3, 7, 14, 28, 90])
            axis.minorticks_off()
            if segments:
                axis.legend(fontsize=8, frameon=False)
        figure.supxlabel("days of the test (dot: last measured day, then extrapolated)", fontsize=10)
        figure.supylabel(f"smallest rise found with {100 * settings.power:g}% power", fontsize=10)
        figure.tight_layout()
        save(figure, path)
        plt.close(figure)


def _line(axis: plt.Axes, row: PowerRow, settings: PowerSettings, number: int) -> None:
    if row.curve is None:
        return
    first = row.curve.first
    days = np.arange(first, _LONGEST + 1)
    lifts = [smallest_lift(row.curve, day, settings) for day in days]
    colour = _COLOURS[number % len(_COLOURS)]
    axis.plot(days, lifts, _DASHES[number % len(_DASHES)], color=colour, label=row.metric, linewidth=1.6)
    last = len(row.curve.measured)
    axis.plot([last], [lifts[last - first]], "o", color=colour, markersize=4)
