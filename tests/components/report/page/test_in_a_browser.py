"""The page as a reader uses it, in Chromium. `make browser` installs it, and axe-core."""

from pathlib import Path

import pytest

from components.report.page.render import render
from components.report.page.tables import tables
from tests.components.report.example import example_report
from tests.components.report.page.chromium import CHROMIUM, in_chromium

AXE = Path(__file__).resolve().parents[4] / "build/browser/node_modules/axe-core/axe.min.js"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: `make browser` installs it")

_FIGURES = "[...document.querySelectorAll('[data-table=figures] tbody tr')]"


@pytest.fixture(scope="module")
def page() -> str:
    return render(example_report())


def test_every_chart_is_drawn_without_errors_and_without_requests(page: str, tmp_path: Path):
    script = """return [...document.querySelectorAll("[data-chart]")].map(
        place => [place.dataset.chart, place.querySelectorAll("svg path").length]);"""
    got = in_chromium(page, script, tmp_path)
    assert (got["problems"], got["requests"]) == ([], [])
    drawn = dict(got["result"])
    assert set(drawn) >= {
        "changes-ap",
        "changes-log_loss",
        "changes-calibration",
        "calibration",
        "days",
        "quarantine",
        "drift-0",
        "loss-training",
    }
    assert {
        f"{kind}-{source}"
        for kind in ("reliability", "precision", "scores", "training", "loss", "tiers", "trend")
        for source in ("promotion", "ad")
    } <= set(drawn)
    assert min(drawn.values()) > 0


def test_numbers_on_the_page_are_those_of_the_report(page: str, tmp_path: Path):
    got = in_chromium(page, f"return {_FIGURES}.map(row => row.cells[4].dataset.value);", tmp_path)
    assert [float(value) for value in got["result"]] == [row[4] for row in tables(example_report())["figures"].rows]


def test_a_table_sorts_by_its_headings(page: str, tmp_path: Path):
    script = """
      const table = document.querySelector("[data-table=changes]");
      const heading = [...table.querySelectorAll("th")].find(cell => cell.textContent === "positives");
      const place = [...heading.parentElement.children].indexOf(heading);
      const values = () => [...table.tBodies[0].rows].map(row => Number(row.cells[place].dataset.value));
      const button = heading.querySelector("button");
      button.click(); const down = [values(), heading.getAttribute("aria-sort")];
      button.click(); const up = [values(), heading.getAttribute("aria-sort")];
      return { down, up };"""
    sides = in_chromium(page, script, tmp_path)["result"]
    (down, said_down), (up, said_up) = sides["down"], sides["up"]
    assert down == sorted(down, reverse=True) and len(set(down)) > 1
    assert up == sorted(up)
    assert (said_down, said_up) == ("descending", "ascending")


def test_the_filter_acts_on_tables_and_charts(page: str, tmp_path: Path):
    script = f"""
      const labels = () => [...new Set({_FIGURES}.filter(row => !row.hidden).map(row => row.dataset.label))];
      const first = labels();
      document.getElementById("label").value = "click";
      document.getElementById("slice").value = "ad";
      document.getElementById("label").dispatchEvent(new Event("change"));
      await drawn(2);
      const rows = document.querySelector("[data-chart=changes-ap]").vegaView.data("rows");
      const shown = {_FIGURES}.filter(row => !row.hidden);
      return {{ first, then: labels(), slices: shown.map(row => row.cells[3].textContent),
        drawn: [...new Set(rows.map(row => row.label))], all: rows.every(row => row.slice.includes("ad")) }};"""
    got = in_chromium(page, script, tmp_path)["result"]
    assert (got["first"], got["then"], got["drawn"]) == (["stream"], ["click"], ["click"])
    assert set(got["slices"]) == {"ad", "ad, tier 7"}
    assert got["all"]


def test_the_theme_changes_and_a_phone_needs_no_sideways_scrolling(page: str, tmp_path: Path):
    script = """
      const colour = () => getComputedStyle(document.body).backgroundColor;
      const before = colour();
      document.getElementById("theme").click();
      await drawn(2);
      return { before, after: colour(), width: innerWidth, page: document.documentElement.scrollWidth };"""
    got = in_chromium(page, script, tmp_path, "--window-size=500,900")["result"]
    assert got["before"] != got["after"]
    assert got["page"] <= got["width"]


def test_print_leaves_out_the_controls_and_shows_every_table(page: str, tmp_path: Path):
    script = """
      dispatchEvent(new Event("beforeprint"));
      const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
        .filter(rule => rule.conditionText === "print").flatMap(rule => [...rule.cssRules]);
      const hidden = rules.filter(rule => rule.style.display === "none").map(rule => rule.selectorText);
      return { hidden, closed: [...document.querySelectorAll("details")].filter(one => !one.open).length,
        shown: document.getElementById("printed").textContent };"""
    got = in_chromium(page, script, tmp_path)["result"]
    assert got == {"hidden": [".filter, nav, .skip"], "closed": 0, "shown": "Shown: the label stream."}


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `make browser` installs it")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page: str, theme: str, tmp_path: Path):
    with_axe = (
        page + f"<script>{AXE.read_text(encoding='utf-8').replace('</script', '<' + chr(92) + '/script')}</script>"
    )
    script = f"""
      document.documentElement.dataset.theme = "{theme}"; draw(); await drawn(2);
      for (const details of document.querySelectorAll("details")) details.open = true;
      const found = await axe.run();
      return found.violations.filter(fault => ["serious", "critical"].includes(fault.impact))
        .map(fault => [fault.id, fault.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]);"""
    assert in_chromium(with_axe, script, tmp_path)["result"] == []
