"""How models rank."""

from collections.abc import Iterator, Sequence

import altair as alt

from components.report.data import RunReport
from components.report.page.charts.parts import (
    Chart,
    base,
    by_branch,
    pale_if_few,
    rounded,
    sources_of,
    spec_of,
)

MOST_POINTS = 3000
"""Points of all curves together, to bound the size of the page. Beyond it, curves have fewer points."""


def precision_charts(report: RunReport) -> Iterator[Chart]:
    """Precision by recall: a chart for each source."""
    most = max(MOST_POINTS // max(sum(len(branch.curves) for branch in report.branches), 1), 10)
    for source in sources_of(report):
        rows = [
            {
                "label": curves.label,
                "head": curves.head,
                "branch": branch.name,
                "few": not branch.judges(curves),
                "recall": recall,
                "precision": precision,
            }
            for branch in report.branches
            for curves in branch.curves
            for recall, precision in _thinned(curves.precision, most)
            if curves.source == source
        ]
        chart = (
            base()
            .mark_line(interpolate="step-before")
            .encode(
                x=alt.X("recall:Q", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
                y=alt.Y("precision:Q", axis=alt.Axis(format="%")),
                color=by_branch(),
                detail="head:N",
                opacity=pale_if_few(),
                tooltip=["branch:N", "head:N", *rounded("recall", "precision")],
            )
        )
        yield Chart(
            f"precision-{source}",
            f"Precision by recall on {source}",
            spec_of(chart.properties(height=260, title=source)),
            rows,
        )


def _thinned(points: Sequence[tuple[float, float]], most: int) -> Sequence[tuple[float, float]]:
    """At most about `most` of the points, the last one included."""
    step = max(round(len(points) / most), 1)
    return points[::-1][::step][::-1]
