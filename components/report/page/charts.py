"""The charts of the report as Vega-Lite specifications, made with Altair.

Each chart is a specification without rows, and its rows. The page's script filters the rows, and draws the chart anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import altair as alt

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS
from components.evaluation.paired.row import PairedRow
from components.report.data import Report
from components.report.page.words import MEASURES, slice_words

Values = list[dict[str, Any]]


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        name: its place in the page.
        title: what it shows; read aloud in place of the picture.
        spec: Vega-Lite, without data.
        rows: the data. The column `label`, where there is one, is what the filter acts on.
    """

    name: str
    title: str
    spec: dict[str, Any]
    rows: Values


def charts(report: Report) -> list[Chart]:
    """Every chart of the report that has rows."""
    made = [*_changes(report), *_calibration(report), *_reliability(report), *_precision(report), *_scores(report)]
    made += [*_training(report), *_trend(report), *_days(report)]
    return [chart for chart in made if chart.rows]


def _changes(report: Report) -> Iterator[Chart]:
    for measure in (AP, LOG_LOSS, CALIBRATION):
        rows = [
            {
                "label": row.label,
                "pair": f"{change.model} beside {change.other}",
                "slice": slice_words(row.keys),
                "change": row.relative,
                "low": row.relative_low,
                "high": min(row.relative_high, 3.0),
                "surely": "interval excludes 0" if row.excludes_zero else "may be chance",
                "positives": row.positives,
            }
            for change in report.changes
            for row in change.rows
            if row.measure == measure and row.judged and row.relative is not None and _in_forest(row)
        ]
        x = alt.X("change:Q", axis=alt.Axis(format="+.0%"), title=f"change of {MEASURES[measure].lower()}")
        base = _base().encode(
            y=alt.Y("slice:N", sort=None, title=None),
            yOffset="pair:N",
            color=alt.Color("pair:N", legend=alt.Legend(orient="top", title=None, columns=1, labelLimit=400)),
        )
        bars = base.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", axis=alt.Axis(format="+.0%"), title=f"change of {MEASURES[measure].lower()}"), x2="high:Q"
        )
        points = base.mark_point(size=55).encode(
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
        zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
        yield Chart(
            f"changes-{measure}",
            f"Change of {MEASURES[measure].lower()} with 95 % intervals, by slice",
            _spec(alt.layer(zero, bars, points).properties(height=alt.Step(15))),
            rows,
        )


def _in_forest(row: PairedRow) -> bool:
    """The slices of the forest plot: not those by tier alone, which mix the sources."""
    return not row.keys or "source" in row.keys


def _calibration(report: Report) -> Iterator[Chart]:
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
    base = _base().encode(y=alt.Y("slice:N", sort=None, title=None), yOffset="branch:N", color=_by_branch())
    scale = alt.Scale(type="log", nice=False)
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title="expected / observed (1 is best)"), x2="high:Q"
    )
    points = base.mark_point(size=55, filled=True).encode(
        x=alt.X("ratio:Q", scale=scale, title="expected / observed (1 is best)"),
        tooltip=["branch:N", "slice:N", *_rounded("ratio", "low", "high"), "positives:Q"],
    )
    one = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(1))
    yield Chart(
        "calibration",
        "Expected over observed outcomes with 95 % intervals, by source and tier",
        _spec(alt.layer(one, bars, points).properties(height=alt.Step(15))),
        rows,
    )


def _reliability(report: Report) -> Iterator[Chart]:
    for source in _sources(report):
        rows = [
            {
                "label": curves.label,
                "branch": branch.name,
                "predicted": point.predicted,
                "observed": point.observed,
                "low": point.low,
                "high": point.high,
                "positives": point.positives,
            }
            for branch in report.branches
            for curves in branch.curves
            for point in curves.reliability
            if curves.source == source and point.observed > 0
        ]
        base = _base().encode(x=_log("predicted", "mean prediction"), color=_by_branch())
        line = base.mark_line(point=alt.OverlayMarkDef(size=40)).encode(
            y=_log("observed", "share with the outcome"),
            tooltip=["branch:N", *_rounded("predicted", "observed", "low", "high"), "positives:Q"],
        )
        bars = base.mark_rule().encode(y=_log("low", "share with the outcome"), y2="high:Q")
        even = base.mark_line(strokeDash=[4, 3], color="gray").encode(
            x=_log("predicted", "mean prediction"),
            y=_log("predicted", "share with the outcome"),
            color=alt.value("gray"),
        )
        yield Chart(
            f"reliability-{source}",
            f"Reliability on {source}: share with the outcome by mean prediction",
            _spec(alt.layer(even, bars, line).properties(height=260, title=source)),
            rows,
        )


def _precision(report: Report) -> Iterator[Chart]:
    for source in _sources(report):
        rows = [
            {"label": curves.label, "branch": branch.name, "recall": recall, "precision": precision}
            for branch in report.branches
            for curves in branch.curves
            for recall, precision in curves.precision
            if curves.source == source
        ]
        chart = (
            _base()
            .mark_line(interpolate="step-before")
            .encode(
                x=alt.X("recall:Q", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
                y=alt.Y("precision:Q", axis=alt.Axis(format="%")),
                color=_by_branch(),
                tooltip=["branch:N", *_rounded("recall", "precision")],
            )
        )
        yield Chart(
            f"precision-{source}",
            f"Precision by recall on {source}",
            _spec(chart.properties(height=260, title=source)),
            rows,
        )


def _scores(report: Report) -> Iterator[Chart]:
    for source in _sources(report):
        rows = [
            {"label": curves.label, "branch": branch.name, "score": score, "share": share, "outcome": outcome}
            for branch in report.branches
            for curves in branch.curves
            for score, without, with_ in curves.histogram
            for outcome, share in (("without the outcome", without), ("with the outcome", with_))
            if curves.source == source
        ]
        chart = (
            _base()
            .mark_line(interpolate="step")
            .encode(
                x=_log("score", "prediction"),
                y=alt.Y("share:Q", axis=alt.Axis(format="%"), title="share of rows"),
                color=_by_branch(),
                strokeDash=alt.StrokeDash("outcome:N", legend=alt.Legend(orient="top", title=None)),
                tooltip=["branch:N", "outcome:N", *_rounded("score", "share")],
            )
        )
        yield Chart(
            f"scores-{source}",
            f"Distribution of the predictions on {source}",
            _spec(chart.properties(height=260, title=source)),
            rows,
        )


def _training(report: Report) -> Iterator[Chart]:
    for source in _sources(report):
        rows = [
            {"label": epoch.label, "branch": branch.name, "epoch": epoch.number, "ap": epoch.ap, "chosen": epoch.chosen}
            for branch in report.branches
            for epoch in branch.epochs
            if epoch.source == source
        ]
        base = _base().encode(
            x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("ap:Q", title="AP on validation", scale=alt.Scale(zero=False)),
            color=_by_branch(),
            tooltip=["branch:N", "epoch:Q", *_rounded("ap"), "chosen:N"],
        )
        chosen = base.transform_filter("datum.chosen").mark_point(size=110, filled=True)
        yield Chart(
            f"training-{source}",
            f"AP on the validation days of {source} by epoch",
            _spec(alt.layer(base.mark_line(), chosen).properties(height=220, title=source)),
            rows,
        )


def _trend(report: Report) -> Iterator[Chart]:
    for source in _sources(report):
        rows = [
            {
                "label": row.label,
                "run": trend.name,
                "change": row.relative,
                "low": row.relative_low,
                "high": min(row.relative_high, 3.0),
            }
            for trend in report.trend
            for row in trend.rows
            if row.keys.get("source") == source and row.judged and row.relative is not None
        ]
        base = _base().encode(y=alt.Y("run:N", sort=None, title=None))
        axis = alt.Axis(format="+.0%")
        bars = base.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", axis=axis, title="AP of this run beside the earlier one"), x2="high:Q"
        )
        points = base.mark_point(filled=True, size=60).encode(
            x=alt.X("change:Q", axis=axis, title="AP of this run beside the earlier one"),
            tooltip=["run:N", alt.Tooltip("change:Q", format="+.1%")],
        )
        zero = alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
        yield Chart(
            f"trend-{source}",
            f"This run beside earlier ones on {source}",
            _spec(alt.layer(zero, bars, points).properties(height=alt.Step(22), title=source)),
            rows,
        )


def _days(report: Report) -> Iterator[Chart]:
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
        _base()
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("rows:Q", title="impressions"),
            color=alt.Color("kind:N", legend=alt.Legend(orient="top", title=None)),
            tooltip=["day:T", "kind:N", alt.Tooltip("rows:Q", format=",")],
        )
    )
    yield Chart("days", "Impressions by day and what became of them", _spec(chart.properties(height=220)), rows)


def _sources(report: Report) -> list[str]:
    sources = [curves.source for branch in report.branches for curves in branch.curves]
    return list(dict.fromkeys([*sources, *(epoch.source for branch in report.branches for epoch in branch.epochs)]))


def _base() -> alt.Chart:
    return alt.Chart(alt.NamedData("rows"))


def _by_branch() -> alt.Color:
    return alt.Color("branch:N", legend=alt.Legend(orient="top", title=None))


def _log(column: str, title: str) -> Any:
    axis, scale = alt.Axis(format="~g", tickCount=5), alt.Scale(type="log", nice=False)
    kind = alt.X if column in ("predicted", "score") and title in ("mean prediction", "prediction") else alt.Y
    return kind(f"{column}:Q", title=title, axis=axis, scale=scale)


def _rounded(*columns: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{column}:Q", format=".4~g") for column in columns]


def _spec(chart: Any) -> dict[str, Any]:
    """Vega-Lite that fills the width of its place."""
    spec: dict[str, Any] = chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit", contains="padding")
    ).to_dict()
    spec.pop("config", None)
    spec.pop("datasets", None)
    return spec
