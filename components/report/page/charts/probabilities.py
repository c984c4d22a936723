"""Whether predictions are right: expected over observed, reliability, and how they are spread."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import altair as alt

from components.report.data import Bin, Curves, RunReport
from components.report.page.charts.intervals import intervals
from components.report.page.charts.parts import (
    Chart,
    base,
    by_branch,
    log_x,
    log_y,
    pale_if_few,
    rounded,
    sources_of,
    spec_of,
)
from components.report.page.words import slice_words


def calibration_charts(report: RunReport) -> Iterator[Chart]:
    """Expected over observed outcomes of each model and slice."""
    rows = [
        {
            "label": figure.label,
            "branch": branch.name,
            "slice": slice_words(figure.keys),
            "ratio": figure.calibration,
            "low": figure.calibration_low,
            "high": figure.calibration_high,
            "positives": figure.positives,
        }
        for branch in report.branches
        for figure in branch.figures
        if figure.calibration and figure.calibration_low and figure.judged and "source" in figure.keys
    ]
    chart = intervals(
        base().encode(y=alt.Y("slice:N", sort=None, title=None), yOffset="branch:N", color=by_branch()),
        "ratio",
        partial(log_x, title="expected / observed (1 is best)"),
        best=1,
        tooltip=["branch:N", "slice:N", *rounded("ratio", "low", "high"), "positives:Q"],
    )
    yield Chart(
        "calibration",
        "Expected over observed outcomes with 95 % intervals, by source and tier",
        spec_of(chart.properties(height=alt.Step(15))),
        rows,
    )


def reliability_charts(report: RunReport) -> Iterator[Chart]:
    """Reliability curves: a chart for each source."""
    for source in sources_of(report):
        rows = [
            {"branch": branch.name, "few": not branch.judges(curves), **_point(curves, point)}
            for branch in report.branches
            for curves in branch.curves
            for point in curves.reliability
            if curves.source == source and point.observed > 0
        ]
        title = f"Reliability on {source}: share with the outcome by mean prediction"
        yield Chart(f"reliability-{source}", title, _reliability(by_branch(), "branch:N", source), rows)


def tiers_charts(report: RunReport) -> Iterator[Chart]:
    """Reliability curves of the last branch by stream tiers: a chart for each source."""
    branch = report.branches[-1]
    for source in sources_of(report):
        rows = [
            {"tiers": of_tiers.tiers, **_point(curves, point)}
            for curves in branch.curves
            for of_tiers in curves.by_tiers
            for point in of_tiers.reliability
            if curves.source == source and of_tiers.judged and point.observed > 0
        ]
        color = alt.Color("tiers:N", sort=None, legend=alt.Legend(orient="top", title=None, columns=1, labelLimit=300))
        title = f"Reliability of {branch.name} on {source} by stream tiers"
        yield Chart(f"tiers-{source}", title, _reliability(color, "tiers:N", f"{branch.name}, {source}"), rows)


def _point(curves: Curves, point: Bin) -> dict[str, Any]:
    return {
        "label": curves.label,
        "head": curves.head,
        "predicted": point.predicted,
        "observed": point.observed,
        "low": point.low,
        "high": point.high,
        "positives": point.positives,
    }


def _reliability(color: alt.Color, named: str, heading: str) -> dict[str, Any]:
    """A line with intervals for each value of a column, and a dashed line where predictions are right."""
    shared = base().encode(x=log_x("predicted", "mean prediction"), color=color, detail="head:N")
    line = shared.mark_line(point=alt.OverlayMarkDef(size=40)).encode(
        y=log_y("observed", "share with the outcome"),
        tooltip=[named, "head:N", *rounded("predicted", "observed", "low", "high"), "positives:Q"],
    )
    bars = shared.mark_rule().encode(y=log_y("low", "share with the outcome"), y2="high:Q")
    bars, line = bars.encode(opacity=pale_if_few()), line.encode(opacity=pale_if_few())
    even = shared.mark_line(strokeDash=[4, 3], color="gray").encode(
        x=log_x("predicted", "mean prediction"),
        y=log_y("predicted", "share with the outcome"),
        color=alt.value("gray"),
    )
    return spec_of(alt.layer(even, bars, line).properties(height=260, title=heading))


def scores_charts(report: RunReport) -> Iterator[Chart]:
    """How predictions are spread: a chart for each source."""
    for source in sources_of(report):
        rows = [
            {
                "label": curves.label,
                "head": curves.head,
                "branch": branch.name,
                "score": score,
                "share": share,
                "outcome": outcome,
            }
            for branch in report.branches
            for curves in branch.curves
            for score, without, with_ in curves.histogram
            for outcome, share in (("without the outcome", without), ("with the outcome", with_))
            if curves.source == source
        ]
        chart = (
            base()
            .mark_line(interpolate="step")
            .encode(
                x=log_x("score", "prediction"),
                y=alt.Y("share:Q", axis=alt.Axis(format="%"), title="share of rows"),
                color=by_branch(),
                detail="head:N",
                strokeDash=alt.StrokeDash("outcome:N", legend=alt.Legend(orient="bottom", title=None)),
                tooltip=["branch:N", "head:N", "outcome:N", *rounded("score", "share")],
            )
        )
        yield Chart(
            f"scores-{source}",
            f"Distribution of the predictions on {source}",
            spec_of(chart.properties(height=260, title=source)),
            rows,
        )
