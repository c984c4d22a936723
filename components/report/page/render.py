"""The report as one HTML page that needs no network: styles, scripts, charts, and tables are all inside."""

import functools
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import jinja2
import vl_convert

from components.report.data import Comparison, RunReport
from components.report.page.charts.differences import FARTHEST, changes_charts
from components.report.page.charts.every import charts
from components.report.page.charts.parts import Chart, Values
from components.report.page.model_tables import changes, guards
from components.report.page.table import ReportTable, short, text
from components.report.page.tables import MOST_ROWS, tables

MOST_BYTES = 2_000_000
"""A page with more has shorter tables. Their CSV files are whole."""


def render(report: RunReport) -> str:
    """The page as HTML."""
    labels = [figure.label for branch in report.branches for figure in branch.figures]
    return _page("page.html.jinja", charts(report), tables(report), labels, report=report)


def render_comparison(comparison: Comparison) -> str:
    """The page of `coldcast compare` as HTML."""
    drawn = [chart for chart in changes_charts(comparison) if chart.rows]
    written = {table.name: table for table in (changes(comparison), guards(comparison))}
    labels = [row.label for change in comparison.changes for row in change.rows]
    whole = "the file that `coldcast compare --csv FILE` writes"
    return _page("comparison.html.jinja", drawn, written, labels, comparison=comparison, whole=whole)


def _page(
    template: str, drawn: Sequence[Chart], written: Mapping[str, ReportTable], labels: Sequence[str], **values: Any
) -> str:
    """The page, with tables of `MOST_ROWS` rows, or of fewer so that it has at most `MOST_BYTES`."""
    values |= {
        "charts": {chart.name: chart for chart in drawn},
        "tables": written,
        "text": text,
        "short": short,
        "farthest": f"{FARTHEST:.0%}".removesuffix("%"),
        "labels": list(dict.fromkeys(labels)),
        "style": _file("style.css"),
        "script": _file("script.js"),
        "vega": _vega(),
        "data": _in_script({chart.name: _chart(chart) for chart in drawn}),
    }
    most_rows = MOST_ROWS
    while True:
        page = _template(template).render(**values, most_rows=most_rows)
        if most_rows == 1 or len(page.encode()) <= MOST_BYTES:
            return page
        most_rows = most_rows * 3 // 4


@functools.cache
def _template(name: str) -> jinja2.Template:
    loader = jinja2.FunctionLoader(_file)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(name)


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _vega() -> str:
    """Vega's scripts, which define `vegaEmbed`. A text `</script` within them would end the element."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")


def _chart(chart: Chart) -> dict[str, Any]:
    """A chart for the script, with each column's name once, and each text of a column once."""
    columns = list(chart.rows[0])
    texts = {name: _texts(chart.rows, name) for name in columns}
    places = {name: {text: place for place, text in enumerate(of_column)} for name, of_column in texts.items()}
    values = [[places[name].get(row[name], row[name]) for name in columns] for row in chart.rows]
    return {"spec": chart.spec, "columns": columns, "texts": [texts[name] for name in columns], "values": values}


def _texts(rows: Values, name: str) -> list[str]:
    """The texts of a column; empty if its values are numbers. The rows of the page have their places in this list."""
    return list(dict.fromkeys(row[name] for row in rows if isinstance(row[name], str)))


def _in_script(value: Any) -> str:
    """JSON that is safe inside a script element. A picture needs no more than five digits of a number."""
    return json.dumps(_short(value), separators=(",", ":")).replace("<", "\\u003c")


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
