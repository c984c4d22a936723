"""Differences of models: of this run, and of earlier runs."""

from collections.abc import Collection, Iterator
from functools import partial

import altair as alt

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS
from components.evaluation.paired.row import PairedRow, several_heads
from components.report.data import Comparison, RunReport
from components.report.page.charts.intervals import intervals, relative_x
from components.report.page.charts.parts import Chart, base, sources_of, spec_of
from components.report.page.words import MEASURES, head_words, slice_words

MOST_PAIRS = 6
"""Comparisons in the forest plots: more would overlap. The table and its CSV file have the others."""

FARTHEST = 3.0
"""Where the line of an interval ends in the picture, unless its point is farther. Hover and table have the interval."""


def changes_charts(report: RunReport | Comparison) -> Iterator[Chart]:
    """The forest plots: a chart for each measure."""
    pairs = [(change, several_heads(change.rows)) for change in report.changes[:MOST_PAIRS]]
    for measure in (AP, LOG_LOSS, CALIBRATION):
        rows = [
            {
                "label": row.label,
                "pair": f"{change.model} beside {change.other}{_named(row, several)}",
                "slice": slice_words(row.keys),
                "change": row.relative,
                "low": row.relative_low,
                "high": row.relative_high,
                "end": _end(row),
                "surely": "interval excludes 0" if row.excludes_zero else "may be chance",
                "positives": row.positives,
            }
            for change, several in pairs
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
            end="end",
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
                "high": row.relative_high,
                "end": _end(row),
            }
            for trend in report.trend
            for row in trend.rows
            if row.keys.get("source") == source and row.judged and row.relative is not None
        ]
        chart = intervals(
            base().encode(y=alt.Y("run:N", sort=None, title=None)),
            "change",
            partial(relative_x, title=f"AP of {report.followed or 'this run'} beside the earlier one"),
            best=0,
            end="end",
            tooltip=["run:N", *_percent("change", "low", "high")],
        )
        title = f"This run beside earlier ones on {source}"
        yield Chart(f"trend-{source}", title, spec_of(chart.properties(height=alt.Step(22), title=source)), rows)


def _in_forest(row: PairedRow) -> bool:
    """The slices of the forest plot: not those by tier alone, which mix the sources."""
    return not row.keys or "source" in row.keys


def _named(row: PairedRow, several: Collection[str]) -> str:
    """The heads of a row whose label has several heads; empty otherwise."""
    return f" ({head_words(row.heads)})" if row.label in several else ""


def _end(row: PairedRow) -> float | None:
    """Where an interval ends in the picture. A few endless ones would press all others together."""
    if row.relative is None or row.relative_high is None:
        return None
    return max(row.relative, min(row.relative_high, FARTHEST))


def _percent(*columns: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{column}:Q", format="+.1%") for column in columns]
