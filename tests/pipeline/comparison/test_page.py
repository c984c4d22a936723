"""The page of `coldcast compare`: the same figures as in the terminal, and what became of the guards."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from components.evaluation.paired.row import PairedRow
from components.report.page.table import short
from pipeline.comparison.guards import Guard, GuardRows, parse_guard
from pipeline.comparison.page import write_page
from pipeline.comparison.rows import Compared
from tests.components.report.example import example_report


@pytest.fixture(scope="module")
def compared() -> Compared:
    (change,) = example_report().changes
    return Compared("run-2/joint", "run-1/joint", change.rows)


def _row(guard: Guard, compared: Compared) -> PairedRow:
    row = guard.find(compared.rows)
    assert isinstance(row, PairedRow)
    return row


def test_the_page_has_every_difference_and_needs_no_network(tmp_path: Path, compared: Compared):
    guard = parse_guard("stream:source=ad")
    write_page(tmp_path / "c.html", "<example>", [compared], [GuardRows({guard: _row(guard, compared)}, {})])
    page = (tmp_path / "c.html").read_text()
    assert "<title>&lt;example&gt;</title>" in page
    assert "No guard is worse." in page and "stream:source=ad:ap" in page
    assert "run-2/joint beside run-1/joint, AP of streams on the same test rows: promotion +" in page
    for row in compared.rows:
        if row.relative is not None:
            assert f'data-value="{short(row.relative)}"' in page
    assert {"changes-ap", "changes-log_loss", "changes-calibration"} == set(re.findall(r'data-chart="([^"]+)"', page))
    assert not re.search(r'(src|href)\s*=\s*"(?!#|data:)', page.split("<script>")[0])
    assert len(page.encode()) < 2_000_000


def test_a_guard_that_is_worse_is_named_first(tmp_path: Path, compared: Compared):
    guard = parse_guard("stream:source=ad:log_loss")
    fell = replace(_row(guard, compared), judged=True, ours=0.3, theirs=0.2, relative_low=0.1, relative_high=0.9)
    write_page(tmp_path / "c.html", "example", [compared], [GuardRows({guard: fell}, {})])
    page = (tmp_path / "c.html").read_text()
    assert "<p>Worse: stream:source=ad:log_loss of run-2/joint.</p>" in page
    assert "No guard is worse." not in page


def test_the_page_says_how_many_guards_could_be_judged(tmp_path: Path, compared: Compared):
    ads, few, clicks = map(parse_guard, ("stream:source=ad", "stream:source=promotion", "click"))
    rows = {ads: replace(_row(ads, compared), judged=True), few: replace(_row(few, compared), judged=False)}
    missing = {clicks: "the models share no label 'click'; both predict stream"}
    write_page(tmp_path / "c.html", "example", [compared], [GuardRows(rows, missing)])
    page = html.unescape((tmp_path / "c.html").read_text())
    assert "<p>No guard is worse (1 of 3 could be judged).</p>" in page
    assert (
        "<p>Not judged: click:overall:ap of run-2/joint: the models share no label 'click'; both predict stream.</p>"
        in page
    )
    write_page(tmp_path / "c.html", "example", [compared], [GuardRows({few: rows[few]}, missing)])
    page = (tmp_path / "c.html").read_text()
    assert "<p>No guard could be judged.</p>" in page and "No guard is worse" not in page


def test_without_guards_there_is_no_section_for_them(tmp_path: Path, compared: Compared):
    write_page(tmp_path / "c.html", "example", [compared], [GuardRows({}, {})])
    page = (tmp_path / "c.html").read_text()
    assert 'id="guards"' not in page and "No guard" not in page
