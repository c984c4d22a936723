"""How models rank, at the end and while they are trained."""

from collections.abc import Iterator

import altair as alt

from components.report.data import Report
from components.report.page.charts.parts import (
    Chart,
    base,
    by_branch,
    rounded,
    sources_of,
    spec_of,
)


def precision_charts(report: Report) -> Iterator[Chart]:
    """Precision by recall: a chart for each source."""
    for source in sources_of(report):
        rows = [
            {"label": curves.label, "branch": branch.name, "recall": recall, "precision": precision}
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
                tooltip=["branch:N", *rounded("recall", "precision")],
            )
        )
        yield Chart(
            f"precision-{source}",
            f"Precision by recall on {source}",
            spec_of(chart.properties(height=260, title=source)),
            rows,
        )


def training_charts(report: Report) -> Iterator[Chart]:
    """AP on validation by epoch: a chart for each source."""
    for source in sources_of(report):
        rows = [
            {"label": epoch.label, "branch": branch.name, "epoch": epoch.number, "ap": epoch.ap, "chosen": epoch.chosen}
            for branch in report.branches
            for epoch in branch.epochs
            if epoch.source == source
        ]
        shared = base().encode(
            x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("ap:Q", title="AP on validation", scale=alt.Scale(zero=False)),
            color=by_branch(),
            tooltip=["branch:N", "epoch:Q", *rounded("ap"), "chosen:N"],
        )
        chosen = shared.transform_filter("datum.chosen").mark_point(size=110, filled=True)
        yield Chart(
            f"training-{source}",
            f"AP on the validation days of {source} by epoch",
            spec_of(alt.layer(shared.mark_line(), chosen).properties(height=220, title=source)),
            rows,
        )
