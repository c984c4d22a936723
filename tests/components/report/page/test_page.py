"""What the page holds, as text."""

import re
from dataclasses import replace

import pytest

from components.report.page.render import render
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


def test_small_slices_are_marked(page: str):
    assert page.count('class="few"') >= 4  # of each model and head, the ads of tier 7


def test_a_table_says_which_rows_are_of_a_label(page: str):
    assert 'data-label="click"' in page


def test_many_comparisons_keep_the_page_small():
    report = example_report()
    many = replace(report, changes=report.changes * 40)
    page = render(many)
    assert len(tables(many)["changes"].rows) > MOST_ROWS
    assert page.count('data-label="click"') < MOST_ROWS
    assert len(page.encode()) < 2_000_000
    assert "changes.csv beside this page has all" in page


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
