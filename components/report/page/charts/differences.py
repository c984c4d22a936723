"""Differences of models: of this run, and of earlier runs."""

from collections.abc import Iterator

import altair as alt

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS
from components.evaluation.paired.row import PairedRow
from components.report.data import Report
from components.report.page.charts.parts import (
    Chart,
    base,
    line_at,
    sources_of,
    spec_of,
)
from components.report.page.words import MEASURES, slice_words

MOST_PAIRS = 6
"""Comparisons in the forest plots: more would overlap. The table and its CSV file have the others."""


def changes_charts(report: Report) -> Iterator[Chart]:
    """The forest plots: a chart for each measure."""
    for measure in (AP, LOG_LOSS, CALIBRATION):
        rows = [
            {
                "label": row.label,
                "pair": f"{change.model} beside {change.other}",
                "slice": slice_words(row.keys),
                "change": row.relative,
                "low": row.relative_low,
                "high": _drawn(row.relative_high),
                "surely": "interval excludes 0" if row.excludes_zero else "may be chance",
                "positives": row.positives,
            }
            for change in report.changes[:MOST_PAIRS]
            for row in change.rows
            if row.measure == measure and row.judged and row.relative is not None and _in_forest(row)
        ]
        x = alt.X("change:Q", axis=alt.Axis(format="+.0%"), title=f"change of {MEASURES[measure]}")
        shared = base().encode(
            y=alt.Y("slice:N", sort=None, title=None),
            yOffset="pair:N",
            color=alt.Color("pair:N", legend=alt.Legend(orient="top", title=None, columns=1, labelLimit=400)),
        )
        bars = shared.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", axis=alt.Axis(format="+.0%"), title=f"change of {MEASURES[measure]}"), x2="high:Q"
        )
        points = shared.mark_point(size=55).encode(
            x=x,
            fill=alt.Color("pair:N", legend=None),
            fillOpacity=alt.condition("datum.surely == 'interval excludes 0'", alt.value(1), alt.value(0)),
            tooltip=[
                "pair:N",
                "slice:N",
                alt.Tooltip("change:Q", format="+.1%"),
                alt.Tooltip("low:Q", format="+.1%"),
                alt.Tooltip("high:Q", format="+.1%"),
                "positives:Q",
                "surely:N",
            ],
        )
        zero = line_at(0)
        yield Chart(
            f"changes-{measure}",
            f"Change of {MEASURES[measure]} with 95 % intervals, by slice",
            spec_of(alt.layer(zero, bars, points).properties(height=alt.Step(15))),
            rows,
        )


def _in_forest(row: PairedRow) -> bool:
    """The slices of the forest plot: not those by tier alone, which mix the sources."""
    return not row.keys or "source" in row.keys


def _drawn(high: float | None) -> float | None:
    """The end of an interval. A few endless ones would press all others together; the table has them whole."""
    return None if high is None else min(high, 3.0)


def trend_charts(report: Report) -> Iterator[Chart]:
    """This run beside earlier ones: a chart for each source."""
    for source in sources_of(report):
        rows = [
            {
                "label": row.label,
                "run": trend.name,
                "change": row.relative,
                "low": row.relative_low,
                "high": _drawn(row.relative_high),
            }
            for trend in report.trend
            for row in trend.rows
            if row.keys.get("source") == source and row.judged and row.relative is not None
        ]
        shared = base().encode(y=alt.Y("run:N", sort=None, title=None))
        axis = alt.Axis(format="+.0%")
        bars = shared.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", axis=axis, title="AP of this run beside the earlier one"), x2="high:Q"
        )
        points = shared.mark_point(filled=True, size=60).encode(
            x=alt.X("change:Q", axis=axis, title="AP of this run beside the earlier one"),
            tooltip=["run:N", alt.Tooltip("change:Q", format="+.1%")],
        )
        zero = line_at(0)
        yield Chart(
            f"trend-{source}",
            f"This run beside earlier ones on {source}",
            spec_of(alt.layer(zero, bars, points).properties(height=alt.Step(22), title=source)),
            rows,
        )
