"""Each world is one observation."""

import csv
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from experiments.ab.analyze.results import Analysis, ChangeRow
from experiments.ab.simulate.over_worlds import mean_change, over_worlds
from experiments.ab.simulate.worlds_table import show_symbiosis, show_worlds, write_worlds

_KEY = ("joint", "all", "i2s")


def _analysis(change: float, *, judged: bool = True) -> Analysis:
    day = date(2026, 1, 15)
    row = ChangeRow(*_KEY, 0.01, 0.011, change, -0.1, 0.3, 0.5, 1.0, 40, judged, None)
    return Analysis("promotions_only", ("ad",), day, day, 0, 0, 0, (), (), (row,), (), ())


def test_the_interval_over_worlds_by_hand() -> None:
    """Logs 0, 0.1, 0.2: mean 0.1, standard deviation 0.1, and t(2) = 4.303 for 95 %."""
    mean, low, high = mean_change([math.expm1(log) for log in (0.0, 0.1, 0.2)])
    half = 4.302653 * 0.1 / math.sqrt(3)
    assert (mean, low, high) == pytest.approx((math.expm1(0.1), math.expm1(0.1 - half), math.expm1(0.1 + half)))


def test_one_world_has_no_interval_and_none_no_figure() -> None:
    assert mean_change([math.expm1(0.0)]) == (0.0, None, None)
    assert mean_change([]) == mean_change([0.5, -1.0]) == (None, None, None)


def test_95_of_100_intervals_over_five_worlds_hold_the_mean() -> None:
    rng = np.random.default_rng(0)
    intervals = [mean_change(np.expm1(rng.normal(0.1, 0.2, 5)).tolist()) for _ in range(2000)]
    held = np.mean([low < math.expm1(0.1) < high for _, low, high in intervals if low is not None and high is not None])
    assert held == pytest.approx(0.95, abs=0.015)  # three standard errors


def test_worlds_with_too_few_events_are_left_out(tmp_path: Path) -> None:
    analyses = {"world-7": _analysis(0.1), "world-8": _analysis(9.0, judged=False), "world-9": _analysis(0.2)}
    (row,) = over_worlds(analyses, {name: {_KEY: 0.15} for name in analyses})
    assert row.changes == {"world-7": 0.1, "world-9": 0.2}
    assert row.change == pytest.approx(math.sqrt(1.1 * 1.2) - 1)
    assert (row.expected, row.expected_low, row.expected_high) == pytest.approx((0.15, 0.15, 0.15))
    console = Console(width=100, record=True)
    show_worlds(console, [row], "promotions_only", 3)
    assert "all" in (text := console.export_text()) and "+14.9%" in text
    write_worlds(tmp_path / "worlds.csv", [row], list(analyses))
    (line,) = csv.DictReader((tmp_path / "worlds.csv").open(encoding="utf-8"))
    assert (line["world-7"], line["world-8"], line["world-9"]) == ("0.1", "", "0.2")


def test_a_change_that_only_a_later_world_has_gets_its_row() -> None:
    later = replace(_analysis(0.2), changes=(replace(_analysis(0.2).changes[0], segment="tier 5"),))
    rows = over_worlds({"world-7": _analysis(0.1), "world-8": later}, {"world-7": {}, "world-8": {}})
    assert [(row.segment, row.changes) for row in rows] == [("all", {"world-7": 0.1}), ("tier 5", {"world-8": 0.2})]


def test_shared_and_own_logs_stand_beside_each_other() -> None:
    console = Console(width=120, record=True)
    own = _analysis(0.3)
    show_symbiosis(
        console, (_analysis(0.1), {_KEY: 0.12}), (replace(own, control="x"), {_KEY: 0.28}), "promotions_only"
    )
    line = next(line for line in console.export_text().splitlines() if line.startswith("all"))
    assert [cell for cell in line.split() if cell.startswith("+")] == [
        "+10.0%", "+30.0%", "+30.0%", "+30.0%", "+12.0%", "+28.0%"
    ]  # fmt: skip
