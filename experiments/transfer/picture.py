"""The map: a heat map of gains for each source, rival, and amount, with a frame where the interval excludes 0."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from experiments.systems.drawing import save, style
from experiments.transfer.files import MeasuredPoint
from experiments.transfer.gains import RIVALS, Gain
from experiments.transfer.systems import SILOS

_COLOURS = "RdBu"
_LEAST = 0.05  # the colours' range, so that a map of small gains is pale


def draw_map(path: Path, gains: Sequence[Gain], measured: Sequence[MeasuredPoint] = ()) -> None:
    """Draws a panel for each source and rival (down) and each amount of the scarce channel (across).

    Blue: joint is better. A frame: the 95 % interval excludes 0. Pale grey: too few positives. A measured point of
    other logs is a disc in the panel of the nearest amount, at its ratio and its correlation of shows.

    Args:
        path: the file, of any format that Matplotlib writes.
        gains: of `gains_of`; those of slices are left out.
        measured: points of other logs.
    """
    drawn = [gain for gain in gains if not gain.cold]
    amounts = sorted({gain.coordinates.scarce for gain in drawn})
    panels = [(source, rival) for source in SILOS for rival in RIVALS]
    values = [gain.row.relative for gain in drawn if gain.row.judged and gain.row.relative is not None]
    most = max([_LEAST, *map(abs, values), *(abs(point.relative) for point in measured)])
    norm = TwoSlopeNorm(0.0, -most, most)
    with style():
        figure = Figure(figsize=(2.2 + 3.0 * len(amounts), 2.5 * len(panels)), layout="constrained")
        axes = figure.subplots(len(panels), len(amounts), squeeze=False)
        for (source, rival), line in zip(panels, axes, strict=True):
            for amount, axis in zip(amounts, line, strict=True):
                own = [
                    gain
                    for gain in drawn
                    if (gain.source, gain.rival, gain.coordinates.scarce) == (source, rival, amount)
                ]
                points = [
                    point
                    for point in measured
                    if (point.source, point.rival) == (source, rival)
                    and _nearest(amounts, point.coordinates.scarce) == amount
                ]
                _panel(axis, own, points, norm)
                axis.set_title(f"{source}, over {rival}, {amount:,}", fontsize=9)
        bar = figure.colorbar(ScalarMappable(norm, _COLOURS), ax=axes, shrink=0.6, format=PercentFormatter(1, 0))
        bar.set_label("gain of joint in AP of streams", fontsize=9)
        figure.supxlabel("ads for each promotion (titles: impressions of the scarce channel)", fontsize=9)
        figure.supylabel("correlation of shows / users", fontsize=9)
        save(figure, path)


def _panel(axis: Axes, gains: Sequence[Gain], points: Sequence[MeasuredPoint], norm: TwoSlopeNorm) -> None:
    ratios = sorted({gain.coordinates.ratio for gain in gains})
    rows = sorted({(gain.coordinates.show_correlation, gain.coordinates.user_correlation) for gain in gains})
    for gain in gains:
        x = ratios.index(gain.coordinates.ratio)
        y = rows.index((gain.coordinates.show_correlation, gain.coordinates.user_correlation))
        value = gain.row.relative if gain.row.judged else None
        colour = "#eeeeee" if value is None else _colour(value, norm)
        framed = gain.row.excludes_zero
        axis.add_patch(
            Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=colour, edgecolor="black", linewidth=2.0 * framed)
        )
        text = "too few" if value is None else f"{value:+.1%}"
        axis.text(x, y, text, ha="center", va="center", fontsize=8, bbox={"facecolor": "white", "pad": 1, "lw": 0})
    for point in points:
        across = between([math.log(ratio) for ratio in ratios], math.log(point.coordinates.ratio))
        up = between([show for show, _ in rows], point.coordinates.show_correlation)
        edge = 2.0 if point.excludes_zero else 0.8
        axis.plot(
            [across],
            [up + 0.3],
            "o",
            markersize=11,
            color=_colour(point.relative, norm),
            markeredgecolor="black",
            markeredgewidth=edge,
        )
        label = f"{point.name} {point.relative:+.1%}"
        axis.annotate(label, (across, up + 0.3), textcoords="offset points", xytext=(0, 8), ha="center", fontsize=7)
    axis.set(xlim=(-0.6, len(ratios) - 0.4), ylim=(-0.6, len(rows) - 0.2))
    axis.set_xticks(range(len(ratios)), [f"{ratio:g}" for ratio in ratios])
    axis.set_yticks(range(len(rows)), [f"{show:g}/{user:g}" for show, user in rows])
    axis.grid(visible=False)


def _colour(value: float, norm: TwoSlopeNorm) -> str:
    return to_hex(mpl.colormaps[_COLOURS](float(norm(value))))


def between(values: Sequence[float], value: float) -> float:
    """The place of `value` among rising `values`, of which the first is at 0, the next at 1; never outside of them."""
    place = bisect_left(values, value)
    if place == 0:
        return 0.0
    if place == len(values):
        return len(values) - 1.0
    low, high = values[place - 1], values[place]
    return place - 1 + (value - low) / (high - low)


def _nearest(amounts: Sequence[int], amount: int) -> int:
    """The amount of the grid that is nearest by its logarithm."""
    return min(amounts, key=lambda of_grid: abs(math.log(of_grid / max(amount, 1))))
