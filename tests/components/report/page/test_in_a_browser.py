"""The page as a reader uses it, in Chromium. `make browser` installs it, and axe-core."""

from pathlib import Path
from typing import Any

import pytest

from components.report.page.render import render
from components.report.page.tables import tables
from tests.components.report.example import example_report
from tests.components.report.page.chromium import CHROMIUM, in_chromium

AXE = Path(__file__).resolve().parents[4] / "build/browser/node_modules/axe-core/axe.min.js"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: `make browser` installs it")

_VISIT = """
  const figures = () => [...document.querySelectorAll("[data-table=figures] tbody tr")];
  const labels = () => [...new Set(figures().filter(row => !row.hidden).map(row => row.dataset.label))];
  const seen = {};
  seen.drawn = [...document.querySelectorAll("[data-chart]")].map(
    place => [place.dataset.chart, place.querySelectorAll("svg path").length]);
  seen.aps = figures().map(row => row.cells[4].dataset.value);

  const table = document.querySelector("[data-table=changes]");
  const heading = [...table.querySelectorAll("th")].find(cell => cell.textContent === "positives");
  const place = [...heading.parentElement.children].indexOf(heading);
  const values = () => [...table.tBodies[0].rows].map(row => Number(row.cells[place].dataset.value));
  const sorted = () => {
    heading.querySelector("button").click();
    return [values(), heading.getAttribute("aria-sort")];
  };
  seen.down = sorted();
  seen.up = sorted();

  dispatchEvent(new Event("beforeprint"));
  const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .filter(rule => rule.conditionText === "print").flatMap(rule => [...rule.cssRules]);
  seen.print = {
    hidden: rules.filter(rule => rule.style.display === "none").map(rule => rule.selectorText),
    closed: [...document.querySelectorAll("details")].filter(one => !one.open).length,
    shown: document.getElementById("printed").textContent };

  seen.first = labels();
  document.getElementById("label").value = "click";
  document.getElementById("slice").value = "ad";
  document.getElementById("label").dispatchEvent(new Event("change"));
  await drawn(2);
  const rows = document.querySelector("[data-chart=changes-ap]").vegaView.data("rows");
  seen.filtered = {
    labels: labels(),
    slices: figures().filter(row => !row.hidden).map(row => row.cells[3].textContent),
    drawn: [...new Set(rows.map(row => row.label))],
    all: rows.every(row => row.slice.includes("ad")),
    printed: document.getElementById("printed").textContent };
  return seen;"""


@pytest.fixture(scope="module")
def page() -> str:
    return render(example_report())


@pytest.fixture(scope="module")
def visit(page: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A reader's whole visit in one browser: looks, sorts, prints, and filters."""
    return in_chromium(page, _VISIT, tmp_path_factory.mktemp("visit"))


def test_every_chart_is_drawn_without_errors_and_without_requests(visit: dict[str, Any]):
    assert (visit["problems"], visit["requests"]) == ([], [])
    drawn = dict(visit["result"]["drawn"])
    single = {"changes-ap", "changes-log_loss", "changes-calibration", "calibration"}
    assert set(drawn) >= single | {"days", "quarantine", "drift-0", "loss-training"}
    assert {
        f"{kind}-{source}"
        for kind in ("reliability", "precision", "scores", "training", "loss", "tiers", "trend")
        for source in ("promotion", "ad")
    } <= set(drawn)
    assert min(drawn.values()) > 0


def test_numbers_on_the_page_are_those_of_the_report(visit: dict[str, Any]):
    expected = [row[4] for row in tables(example_report())["figures"].rows]
    assert [float(value) for value in visit["result"]["aps"]] == expected


def test_a_table_sorts_by_its_headings(visit: dict[str, Any]):
    (down, down_text), (up, up_text) = visit["result"]["down"], visit["result"]["up"]
    assert down == sorted(down, reverse=True) and len(set(down)) > 1
    assert up == sorted(up)
    assert (down_text, up_text) == ("descending", "ascending")


def test_print_leaves_out_the_controls_shows_every_table_and_names_the_filter(visit: dict[str, Any]):
    expected = {"hidden": [".filter, nav, .skip"], "closed": 0, "shown": "Shown: the label stream."}
    assert visit["result"]["print"] == expected
    assert visit["result"]["filtered"]["printed"] == 'Shown: the label click, slices with "ad".'


def test_the_filter_acts_on_tables_and_charts(visit: dict[str, Any]):
    filtered = visit["result"]["filtered"]
    assert (visit["result"]["first"], filtered["labels"], filtered["drawn"]) == (["stream"], ["click"], ["click"])
    assert set(filtered["slices"]) == {"ad", "ad, tier 7"}
    assert filtered["all"]


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


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `make browser` installs it")
def test_axe_finds_no_serious_fault_in_light_and_dark(page: str, tmp_path: Path):
    with_axe = (
        page + f"<script>{AXE.read_text(encoding='utf-8').replace('</script', '<' + chr(92) + '/script')}</script>"
    )
    script = """
      for (const details of document.querySelectorAll("details")) details.open = true;
      const faults = [];
      for (const theme of ["light", "dark"]) {
        document.documentElement.dataset.theme = theme;
        await draw();
        const report = await axe.run();
        faults.push(...report.violations.filter(fault => ["serious", "critical"].includes(fault.impact))
          .map(fault => [theme, fault.id, fault.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]));
      }
      return faults;"""
    assert in_chromium(with_axe, script, tmp_path)["result"] == []
