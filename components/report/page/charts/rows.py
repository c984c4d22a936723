"""What became of the rows of the logs."""

from collections.abc import Iterator

import altair as alt

from components.report.data import Report
from components.report.page.charts.parts import (
    Chart,
    base,
    spec_of,
)


def days_charts(report: Report) -> Iterator[Chart]:
    """Impressions by day."""
    days = report.accounting.days.items() if report.accounting else ()
    rows = [
        {"day": day, "rows": rows, "kind": kind}
        for day, count in days
        for kind, rows in {
            **{f"labelled, {source}": number for source, number in count.labelled.items()},
            "immature": count.immature,
            "unobserved": count.unobserved,
            "quarantined": count.quarantined,
            "duplicate": count.duplicate,
        }.items()
        if rows
    ]
    chart = (
        base()
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("rows:Q", title="impressions"),
            color=alt.Color("kind:N", legend=alt.Legend(orient="top", title=None)),
            tooltip=["day:T", "kind:N", alt.Tooltip("rows:Q", format=",")],
        )
    )
    yield Chart("days", "Impressions by day and what became of them", spec_of(chart.properties(height=220)), rows)
