"""The published figures stand beside ours, and only beside the arms that they are of."""

import csv
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from experiments.ab.analyze.results import Analysis, ChangeRow
from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate.published import PUBLISHED
from experiments.ab.simulate.table import published_of, show_beside_published, write_table_csv

_POLICIES = policies_of(["promotions_only", "joint"])


def _change(segment: str, metric: str) -> ChangeRow:
    return ChangeRow("joint", segment, metric, 0.01, 0.011, 0.1, -0.1, 0.3, 0.5, 1.0, 40, True, None)


def _analysis() -> Analysis:
    changes = (_change("all", "i2s"), _change("tier 5", "eCPS"), _change("tier 6", "i2s"))
    day = date(2026, 1, 15)
    return Analysis("promotions_only", ("ad",), day, day, 0, 0, 0, (), (), changes, (), ())


@pytest.mark.parametrize(
    ("policies", "figures"),
    [
        (["promotions_only", "joint"], ["+18 %", "-38 %", ""]),
        (["promotions_only", "joint@raw"], None),
        (["promotions_only", "ads_stream_only"], None),
        (["joint", "promotions_only"], None),
    ],
)
def test_published_figures_by_arm(policies: list[str], figures: list[str] | None) -> None:
    control, treatment = policies_of(policies)
    assert published_of(_analysis().changes, treatment, control) == figures


def test_the_published_tables_are_whole() -> None:
    assert len([key for key in PUBLISHED if key[0] in ("all", "less-streamed")]) == 8
    assert len(PUBLISHED) == 8 + 5 + 6


def test_screen_and_csv(tmp_path: Path) -> None:
    console = Console(width=100, record=True)
    expected = {("joint", "all", "i2s"): 0.0625}
    show_beside_published(console, _analysis(), expected, _POLICIES)
    line = next(line for line in console.export_text().splitlines() if line.startswith("all"))
    assert line.split() == ["all", "i2s", "+10.0%", "-10.0%", "to", "+30.0%", "1.000", "+6.2%", "+18", "%"]
    write_table_csv(tmp_path / "ab.csv", _analysis(), expected, _POLICIES)
    rows = list(csv.DictReader((tmp_path / "ab.csv").open(encoding="utf-8")))
    assert [(row["segment"], row["expected"], row["published"]) for row in rows] == [
        ("all", "0.0625", "+18 %"),
        ("tier 5", "", "-38 %"),
        ("tier 6", "", ""),
    ]
