"""How models rank."""

from collections.abc import Iterator

import altair as alt

from components.report.data import RunReport
from components.report.page.charts.parts import (
    Chart,
    base,
    by_branch,
    rounded,
    sources_of,
    spec_of,
)


def precision_charts(report: RunReport) -> Iterator[Chart]:
    """Precision by recall: a chart for each source."""
    for source in sources_of(report):
        rows = [
            {
                "label": curves.label,
                "head": curves.head,
                "branch": branch.name,
                "recall": recall,
                "precision": precision,
            }
            for branch in report.branches
            for curves in branch.curves
            for recall, precision in curves.precision
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
                tooltip=["branch:N", "head:N", *rounded("recall", "precision")],
            )
        )
        yield Chart(
            f"precision-{source}",
            f"Precision by recall on {source}",
            spec_of(chart.properties(height=260, title=source)),
            rows,
        )
