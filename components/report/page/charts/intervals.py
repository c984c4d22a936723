"""Points with their intervals, one line of the picture for each slice, model, or run."""

from collections.abc import Callable
from typing import Any

import altair as alt

from components.report.page.charts.parts import line_at


def intervals(
    shared: alt.Chart, value: str, x: Callable[[str], alt.X], best: float, end: str = "high", **encodings: Any
) -> Any:
    """A point at `value`, a bar from `low` to `end`, and a dashed line at `best`.

    Args:
        shared: what points and bars have in common: their places, and their colours.
        value: the column of the point.
        x: the axis for a column.
        best: where two models are alike, or where predictions are right.
        end: the column where the bars end.
        encodings: of the points alone, such as what they show on hover.
    """
    bars = shared.mark_rule(strokeWidth=2).encode(x=x("low"), x2=f"{end}:Q")
    points = shared.mark_point(size=55, filled="fill" not in encodings).encode(x=x(value), **encodings)
    return alt.layer(line_at(best), bars, points)


def relative_x(column: str, title: str) -> alt.X:
    """A horizontal axis for relative changes."""
    return alt.X(f"{column}:Q", axis=alt.Axis(format="+.2~%"), title=title)
