"""The page of `coldcast compare`: the same figures as in the terminal, and what became of the guards."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from components.report.page.table import short
from pipeline.comparison.guards import parse_guard
from pipeline.comparison.page import write_page
from pipeline.comparison.rows import Compared
from tests.components.report.example import example_report


@pytest.fixture(scope="module")
def compared() -> Compared:
    (change,) = example_report().changes
    return Compared("run-2/joint", "run-1/joint", change.rows)


def test_the_page_has_every_difference_and_needs_no_network(tmp_path: Path, compared: Compared):
    guard = parse_guard("stream:source=ad")
    write_page(tmp_path / "c.html", "<example>", [compared], [{guard: guard.row(compared.rows)}])
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
    fell = replace(guard.row(compared.rows), judged=True, ours=0.3, theirs=0.2, relative_low=0.1, relative_high=0.9)
    write_page(tmp_path / "c.html", "example", [compared], [{guard: fell}])
    page = (tmp_path / "c.html").read_text()
    assert "<p>Worse: stream:source=ad:log_loss of run-2/joint.</p>" in page
    assert "No guard is worse." not in page


def test_without_guards_there_is_no_section_for_them(tmp_path: Path, compared: Compared):
    write_page(tmp_path / "c.html", "example", [compared], [{}])
    page = (tmp_path / "c.html").read_text()
    assert 'id="guards"' not in page and "guard is worse" not in page
