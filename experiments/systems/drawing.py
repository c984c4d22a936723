"""Colours, marks, style, and file format of all pictures of experiments."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

COLOURS = ("#1b7f5c", "#c2571a", "#31487f", "#8a3f8f", "#7a6a00", "#00718f", "#b0305c", "#555555")
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p")
"""Systems differ by more than colour."""

_STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "svg.hashsalt": "coldcast",  # the same figure gives the same bytes
}


@contextmanager
def style() -> Iterator[None]:
    """Our style within the block."""
    with mpl.rc_context(_STYLE):
        yield


def save(figure: Figure, path: Path) -> None:
    """Writes the figure in the format of the file's name, without a date."""
    metadata = {".svg": {"Date": None}, ".png": {"Software": None}}.get(path.suffix)
    figure.savefig(path, dpi=110, metadata=metadata, bbox_inches="tight")
