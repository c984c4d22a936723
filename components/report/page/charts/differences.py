"""Differences of models: of this run, and of earlier runs."""

from collections.abc import Iterator
from functools import partial

import altair as alt

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS
from components.evaluation.paired.row import PairedRow
from components.report.data import Comparison, RunReport
from components.report.page.charts.intervals import intervals, relative_x
from components.report.page.charts.parts import Chart, base, sources_of, spec_of
from components.report.page.words import MEASURES, slice_words

MOST_PAIRS = 6
"""Comparisons in the forest plots: more would overlap. The table and its CSV file have the others."""


def changes_charts(report: RunReport | Comparison) -> Iterator[Chart]:
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
        shared = base().encode(
            y=alt.Y("slice:N", sort=None, title=None),
            yOffset="pair:N",
            color=alt.Color("pair:N", legend=alt.Legend(orient="top", title=None, columns=1, labelLimit=400)),
        )
        chart = intervals(
            shared,
            "change",
            partial(relative_x, title=f"change of {MEASURES[measure]}"),
            best=0,
            fill=alt.Color("pair:N", legend=None),
            fillOpacity=alt.condition("datum.surely == 'interval excludes 0'", alt.value(1), alt.value(0)),
            tooltip=["pair:N", "slice:N", *_percent("change", "low", "high"), "positives:Q", "surely:N"],
        )
        title = f"Change of {MEASURES[measure]} with 95 % intervals, by slice"
        yield Chart(f"changes-{measure}", title, spec_of(chart.properties(height=alt.Step(15))), rows)


def trend_charts(report: RunReport) -> Iterator[Chart]:
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
        chart = intervals(
            base().encode(y=alt.Y("run:N", sort=None, title=None)),
            "change",
            partial(relative_x, title="AP of this run beside the earlier one"),
            best=0,
            tooltip=["run:N", *_percent("change", "low", "high")],
        )
        title = f"This run beside earlier ones on {source}"
        yield Chart(f"trend-{source}", title, spec_of(chart.properties(height=alt.Step(22), title=source)), rows)


def _in_forest(row: PairedRow) -> bool:
    """The slices of the forest plot: not those by tier alone, which mix the sources."""
    return not row.keys or "source" in row.keys


def _drawn(high: float | None) -> float | None:
    """The end of an interval. A few endless ones would press all others together; the table has them whole."""
    return None if high is None else min(high, 3.0)


def _percent(*columns: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{column}:Q", format="+.1%") for column in columns]
