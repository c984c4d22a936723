from dataclasses import replace
from datetime import timedelta

import pytest

from experiments.ab.analyze.analysis import analyze
from experiments.ab.analyze.guardrails import guardrail
from experiments.ab.analyze.results import Analysis
from experiments.ab.analyze.tables import show_analysis
from experiments.ab.measures.arms import ab_test_of
from experiments.ab.measures.texts import interval_text
from experiments.p_values import p_text
from tests.experiments.ab.made_days import heavy_tailed
from tests.pipeline.terminal.screens import Screen


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyze(ab_test_of(heavy_tailed(lift=2.0), timedelta(days=1)), guardrails=[guardrail("eCPS<=5%")])


def shown(analysis: Analysis, width: int) -> list[str]:
    screen = Screen(width)
    show_analysis(screen, analysis)
    return [line.rstrip() for line in screen.text.splitlines()]


def test_every_line_fits_80_columns(analysis: Analysis):
    assert max(map(len, shown(analysis, 80))) <= 80


def test_every_line_fits_80_columns_with_long_names(analysis: Analysis):
    """Two treatments with the names of simulated ones, and arms of millions."""
    control, other = "promotions_only@calibrated", "joint@raw+epsilon=0.1"
    rows = {}
    for name in ("checks", "changes", "looks", "guardrails"):
        of_name = getattr(analysis, name)
        rows[name] = tuple(
            replace(row, check=row.check.replace("treatment", arm)) if name == "checks" else replace(row, arm=arm)
            for arm in (other, "joint@softmax=0.05+raw")
            for row in of_name
        )
    arms = [replace(row, arm=control, impressions=9_999_999_999, spend=1e9 - 1) for row in analysis.arms]
    named = replace(analysis, control=control, arms=tuple(arms), **rows)
    lines = shown(named, 80)
    assert max(map(len, lines)) <= 80
    assert f"If you look every day (always valid), {other} against" in " ".join(lines)
    assert ["spend", "per", "user,"] in [line.split()[:3] for line in lines]


def test_what_an_analyst_reads(analysis: Analysis):
    lines = shown(analysis, 120)
    assert lines[0] == "A/B test from 2026-01-05 to 2026-01-08 (4 days), source ad, adjusted by 3 days before"
    (i2s,) = [row for row in analysis.changes if (row.segment, row.metric) == ("all", "i2s")]
    changes = lines[lines.index("Change of treatment against control") :]
    line = next(line.split() for line in changes if line.startswith("all "))
    assert line[:5] == ["all", "i2s", f"{i2s.control_value:.3%}", f"{i2s.arm_value:.3%}", f"{i2s.change:+.1%}"]
    assert line[5:8] == interval_text(i2s.low, i2s.high).split()
    assert line[8:11] == [p_text(i2s.p_value), p_text(i2s.p_holm), "better"]
    assert any(line.split()[-1] == "holds" for line in lines if line.startswith("treatment"))
    assert not any("MISMATCH" in line for line in lines)


def test_a_fall_of_the_cost_is_better(analysis: Analysis):
    lines = shown(analysis, 120)
    costs = [line for line in lines if " eCPS " in line and "-" in line]
    assert any("better" in line for line in costs)
    assert not any("worse" in line for line in lines if not line.startswith("better, worse"))
