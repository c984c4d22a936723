"""What the page holds, as text."""

import json
import re
from dataclasses import replace

import pytest

from components.evaluation.paired.row import PairedRow
from components.report.data import BranchReport, RunReport, Trend
from components.report.page.charts.differences import changes_charts
from components.report.page.charts.probabilities import reliability_charts
from components.report.page.charts.ranking import precision_charts
from components.report.page.render import MOST_BYTES, render
from components.report.page.table import short
from components.report.page.tables import MOST_ROWS, csv_tables, tables
from tests.components.report.example import example_report


@pytest.fixture(scope="module")
def page() -> str:
    return render(example_report("<script>alert(1)</script>"))


def test_the_page_is_one_small_file_without_a_network(page: str):
    assert len(page.encode()) < 2_000_000
    assert not re.search(r'(src|href)\s*=\s*"(?!#|data:)', page.split("<script>")[0])
    assert '<link rel="stylesheet"' not in page


def test_names_are_text_and_never_markup(page: str):
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_figure_of_the_tables_is_on_the_page(page: str):
    for table in tables(example_report()).values():
        assert table.rows, table.name
        for row in table.rows:
            for value, (_, kind) in zip(row, table.columns, strict=True):
                if kind != "text" and value is not None:
                    assert f'data-value="{short(value)}"' in page


def test_the_trend_names_the_model_that_it_follows(page: str):
    """A run that pushes none follows its last branch, which may be the weaker one."""
    assert "This run's model joint beside the models of the same branch of earlier runs" in page.replace("&#39;", "'")
    assert "joint of this run beside that of earlier ones" in page


def test_small_slices_are_marked(page: str):
    assert page.count('class="few"') >= 4  # of each model and head, the ads of tier 7


def test_a_table_says_which_rows_are_of_a_label(page: str):
    assert 'data-label="click"' in page


def _with_branches(report: RunReport, count: int) -> RunReport:
    """The report with as many models, each with the figures and curves of ten heads."""
    branch = report.branches[1]

    def of_head(place: int) -> tuple[list, list, list]:
        names = {"head": f"head_{place}", "label": f"label_{place}"}
        figures = [replace(figure, **names) for figure in branch.figures if figure.head == "stream"] * 9
        curves = [replace(curves, **names) for curves in branch.curves if curves.head == "stream"]
        return figures, curves, [replace(epoch, **names) for epoch in branch.epochs] * 10

    figures, curves, epochs = (
        tuple(item for of_one in items for item in of_one)
        for items in zip(*(of_head(place) for place in range(10)), strict=True)
    )
    many = replace(branch, figures=figures, curves=curves, epochs=epochs)
    return replace(report, branches=tuple(replace(many, name=f"joint_{place}") for place in range(count)))


def test_many_models_heads_and_comparisons_keep_the_page_small():
    report = example_report()
    many = _with_branches(replace(report, changes=report.changes * 40), count=8)
    page = render(many)
    assert len(page.encode()) < MOST_BYTES == 2_000_000
    (rows,) = {int(text) for text in re.findall(r"The first (\d+) rows", page)}
    assert page.count("<tr data-label") <= rows * len(tables(many)) < MOST_ROWS * len(tables(many))
    assert "changes.csv beside this page has all" in page


def test_a_point_is_drawn_with_its_own_interval_on_hover():
    """The line of an interval ends at +300 %, so that all others can be seen; its numbers are the table's."""
    report = example_report()
    change = report.changes[0]
    far = {"relative": 3.2, "relative_low": 3.1, "relative_high": 3.3}, {"relative": 1.0, "relative_high": 70.0}
    judged = [row for row in change.rows if row.measure == "ap" and row.keys == {}]
    rows = tuple(replace(row, **values) for row, values in zip(judged, far, strict=True))
    chart = next(changes_charts(replace(report, changes=(replace(change, rows=rows),))))
    assert [(row["change"], row["high"], row["end"]) for row in chart.rows] == [(3.2, 3.3, 3.2), (1.0, 70.0, 3.0)]
    assert '"field": "end"' in json.dumps(chart.spec)


def _few(report: RunReport, name: str) -> set[tuple[str, bool]]:
    """The label and the mark of each row of a table."""
    table = tables(report)[name]
    return {(str(row[table.label_at or 0]), few) for row, few in zip(table.rows, table.few, strict=True)}


def test_too_few_positives_are_marked_in_the_trend_and_in_the_curves():
    report = example_report()

    def few_clicks(row: PairedRow) -> PairedRow:
        return replace(row, judged=row.label != "click")

    def few_in(branch: BranchReport) -> BranchReport:
        figures = (
            replace(figure, keys={"source": source}, judged=figure.label != "click")
            for figure in branch.figures
            for source in ("promotion", "ad")
        )
        return replace(branch, figures=tuple(figures))

    trend = tuple(Trend(item.name, tuple(map(few_clicks, item.rows))) for item in report.trend)
    few = replace(report, trend=trend, branches=tuple(map(few_in, report.branches)))
    marked = {("stream", False), ("click", True)}
    assert (_few(few, "trend"), _few(few, "reliability")) == (marked, marked)
    for chart in (*reliability_charts(few), *precision_charts(few)):
        assert {(row["label"], row["few"]) for row in chart.rows} == marked


def test_two_heads_of_a_label_are_told_apart():
    """A branch that was fine-tuned for a new task may have two heads for streams of ads."""
    report = example_report()
    change = report.changes[0]
    other = tuple(replace(row, heads=("new",) * len(row.heads)) for row in change.rows if row.label == "stream")
    both = replace(report, changes=(replace(change, rows=(*change.rows, *other)),))
    rows = [row for row in tables(both)["changes"].rows if row[4:6] == ("AP", "ad")]
    assert {row[2:4] for row in rows} == {("stream", "stream"), ("stream", "new"), ("click", "click")}
    pairs = {(row["label"], row["pair"]) for row in next(changes_charts(both)).rows}
    name = "joint beside promotions_only"
    assert pairs == {("stream", f"{name} (stream)"), ("stream", f"{name} (new)"), ("click", name)}


def test_the_points_of_all_curves_have_csv_files_too():
    extra = csv_tables(example_report()).keys() - tables(example_report()).keys()
    assert extra == {"precision", "scores"}
    report = example_report()
    points = sum(len(curves.precision) for branch in report.branches for curves in branch.curves)
    assert len(csv_tables(report)["precision"].rows) == points > 0


def test_a_slice_without_an_outcome_is_marked_and_not_hidden():
    report = example_report()
    branch = report.branches[0]
    empty = replace(branch.figures[0], ap=None, low=None, high=None, positives=0, judged=False)
    figures = tables(replace(report, branches=(replace(branch, figures=(empty,)),)))["figures"]
    assert (figures.rows[0][4], figures.rows[0][8], figures.few) == (None, 0, (True,))
