"""The changes of an analysis as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter

from experiments.ab.analyze.results import ChangeRow
from experiments.ab.measures.metrics import METRICS
from experiments.ab.measures.segments import SEGMENTS
from experiments.systems.drawing import save, style

_JUDGED, _FEW = "#31487f", "#b0b0b0"
_WIDEST = 1.0
"""Intervals are drawn up to +100 %, so that those of small segments do not hide the others."""


def draw_changes(path: Path, rows: Sequence[ChangeRow], control: str) -> None:
    """Draws a panel for each metric and arm: a point for each segment's change, and a line for its 95 % interval.

    Args:
        path: the file, of any format that Matplotlib writes.
        rows: of one analysis; those without a figure are left out, those with too few events are grey.
        control: the arm that changes are against.
    """
    arms = list(dict.fromkeys(row.arm for row in rows))
    segments = [segment.name for segment in SEGMENTS]
    with style():
        size = (3 * len(METRICS), 3.6 * len(arms))
        figure, axes = plt.subplots(len(arms), len(METRICS), figsize=size, sharex=True, sharey=True, squeeze=False)
        for line, arm in zip(axes, arms, strict=True):
            for axis, metric in zip(line, METRICS, strict=True):
                axis.axvline(0, color="#666666", linewidth=1)
                axis.set_title(f"{metric.name}, {arm}" if len(arms) > 1 else metric.name, fontsize=10)
                for row in rows:
                    if (row.arm, row.metric) == (arm, metric.name):
                        _interval(axis, row, segments.index(row.segment))
        axes[0, 0].set_yticks(range(len(segments)), segments)
        axes[0, 0].set(xlim=(-_WIDEST, _WIDEST), ylim=(len(segments) - 0.5, -0.5))
        axes[0, 0].xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.supxlabel(f"change against {control}, 95 % interval (grey: too few streams or clicks)", fontsize=10)
        figure.tight_layout()
        save(figure, path)
        plt.close(figure)


def _interval(axis: plt.Axes, row: ChangeRow, place: int) -> None:
    if row.change is None or row.low is None or row.high is None:
        return
    colour = _JUDGED if row.judged else _FEW
    axis.plot([row.low, row.high], [place, place], color=colour, linewidth=1.6)
    axis.plot([row.change], [place], "o", color=colour, markersize=4.5)
