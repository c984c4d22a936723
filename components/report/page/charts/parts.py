"""Parts that all charts share. Each chart is a specification without rows, and its rows.

The page's script filters the rows by label and slice, and draws the chart anew.
"""

from dataclasses import dataclass
from typing import Any

import altair as alt

from components.report.data import TRAINING, RunReport

Values = list[dict[str, Any]]


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        name: its place in the page.
        title: what it shows; read aloud in place of the picture.
        spec: Vega-Lite, without data.
        rows: the data. The filter acts on the columns `label` and `slice`, where there are some.
    """

    name: str
    title: str
    spec: dict[str, Any]
    rows: Values


def sources_of(report: RunReport) -> list[str]:
    """The sources with curves or with validation rows."""
    sources = [curves.source for branch in report.branches for curves in branch.curves]
    return list(dict.fromkeys([*sources, *_validated(report)]))


def _validated(report: RunReport) -> list[str]:
    """The sources of validation rows."""
    return [epoch.rows for branch in report.branches for epoch in branch.epochs if epoch.rows != TRAINING]


def base() -> alt.Chart:
    """A chart of the rows."""
    return alt.Chart(alt.NamedData("rows"))


def line_at(value: float) -> alt.Chart:
    """A dashed line where two models are alike, or where predictions are right."""
    return alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(value))


def by_branch() -> alt.Color:
    """A colour for each model."""
    return alt.Color("branch:N", legend=alt.Legend(orient="top", title=None))


def pale_if_few() -> Any:
    """The opacity of rows whose column `few` says that they have too few positives to judge."""
    return alt.condition("datum.few", alt.value(0.3), alt.value(1))


def log_x(column: str, title: str) -> alt.X:
    """A horizontal axis for probabilities."""
    return alt.X(f"{column}:Q", title=title, axis=_log_axis(), scale=_log_scale())


def log_y(column: str, title: str) -> alt.Y:
    """A vertical axis for probabilities."""
    return alt.Y(f"{column}:Q", title=title, axis=_log_axis(), scale=_log_scale())


def rounded(*columns: str) -> list[alt.Tooltip]:
    """Numbers on hover."""
    return [alt.Tooltip(f"{column}:Q", format=".4~g") for column in columns]


def spec_of(chart: Any) -> dict[str, Any]:
    """Vega-Lite that fills the width of its place."""
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    spec: dict[str, Any] = chart.properties(width="container", autosize=fit).to_dict()
    return {key: value for key, value in spec.items() if key != "config"}


def _log_axis() -> alt.Axis:
    return alt.Axis(format="~g", tickCount=5)


def _log_scale() -> alt.Scale:
    return alt.Scale(type="log", nice=False)
