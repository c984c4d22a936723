"""Impressions and quarantined rows by day, and how far features moved."""

from collections.abc import Iterator

import altair as alt

from components.report.data import RunReport
from components.report.page.charts.parts import Chart, base, line_at, rounded, spec_of

MOST_FEATURES = 12
"""Features in the chart of drift: those that are closest to their limit. The table has all."""


def days_charts(report: RunReport) -> Iterator[Chart]:
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
    chart = _bars_by_day("impressions")
    yield Chart("days", "Impressions by day and what became of them", spec_of(chart.properties(height=220)), rows)


def quarantine_charts(report: RunReport) -> Iterator[Chart]:
    """Quarantined rows by day and reason."""
    by_table = report.accounting.tables.items() if report.accounting else ()
    rows = [
        {"day": day, "rows": number, "kind": f"{table}: {reason}"}
        for table, count in by_table
        for day, reasons in count.days.items()
        for reason, number in reasons.items()
    ]
    chart = _bars_by_day("quarantined rows")
    yield Chart("quarantine", "Quarantined rows by day and reason", spec_of(chart.properties(height=180)), rows)


def drift_charts(report: RunReport) -> Iterator[Chart]:
    """How far features moved, as a share of the distance that stops a run: a chart for each check."""
    for number, check in enumerate(dict.fromkeys(drift.check for drift in report.drift)):
        chosen = [drift for drift in report.drift if drift.check == check][:MOST_FEATURES]
        rows = [
            {
                "feature": drift.feature,
                "share": drift.distance / drift.limit,
                "measure": drift.measure,
                "distance": drift.distance,
                "limit": drift.limit,
            }
            for drift in chosen
        ]
        bars = (
            base()
            .mark_bar()
            .encode(
                y=alt.Y("feature:N", sort=None, title=None),
                x=alt.X("share:Q", axis=alt.Axis(format="%"), title="distance, of its limit"),
                tooltip=["feature:N", "measure:N", *rounded("distance", "limit", "share")],
            )
        )
        title = f"The features that moved most: {check}"
        layers = alt.layer(bars, line_at(1)).properties(height=alt.Step(18), title=check)
        yield Chart(f"drift-{number}", title, spec_of(layers), rows)


def _bars_by_day(unit: str) -> alt.Chart:
    return (
        base()
        .mark_bar()
        .encode(
            x=alt.X(
                "utcyearmonthdate(day):O",
                title=None,
                axis=alt.Axis(format="%d %b", labelAngle=0, labelOverlap="greedy"),
            ),
            y=alt.Y("rows:Q", title=unit),
            color=alt.Color("kind:N", legend=alt.Legend(orient="top", title=None)),
            tooltip=[alt.Tooltip("utcyearmonthdate(day):T", title="day"), "kind:N", alt.Tooltip("rows:Q", format=",")],
        )
    )
