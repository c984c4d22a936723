"""What an analyst reads of off-policy estimates."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.ab.off_policy.decisions import decisions_of
from experiments.ab.off_policy.estimates import Judgement, judge
from experiments.ab.off_policy.table import show_judgement, show_notes, write_estimates
from experiments.ab.off_policy.target import target_of
from experiments.ab.policies.policy import policy_of
from tests.experiments.ab.off_policy.made_candidates import made_candidates
from tests.pipeline.terminal.screens import Screen


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    """Of a thousand users, with the world's probabilities: candidate 1 streams four times as often."""
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, 2, 1_000)
    streams = rng.random(1_000) < np.where(chosen == 1, 0.4, 0.1)
    rows = made_candidates(
        *[(f"u{n}", int(chosen[n]), (0.5, 0.5), (0.1, 0.4), int(streams[n])) for n in range(1_000)]
    ).with_columns(p_stream="predicted_stream_joint", p_click="predicted_stream_joint")
    decisions = decisions_of(rows)
    simulated = dict.fromkeys(("i2s", "CTR", "value", "eCPS"), 0.5)
    return judge(decisions, target_of(policy_of("joint", "--policy"), decisions), "control", simulated)


def test_the_screen(judgement: Judgement) -> None:
    screen = Screen(80)
    show_judgement(screen, judgement)
    show_notes(screen, [judgement])
    lines = screen.text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "joint, from the logs of control" in lines
    (row,) = [row for row in judgement.rows if (row.metric, row.estimator) == ("i2s", "DR")]
    line = next(line.split() for line in lines if line.startswith("i2s") and "DR" in line)
    assert (row.change_low or 0) < 0.4 / 0.25 - 1 < (row.change_high or 0)
    assert f"{row.change:+.1%}" in line
    assert line[-2:] == ["+60.0%", "+50.0%"]
    assert "truth: the same change by the world's own probabilities" in lines
    assert not any(line.startswith("!") for line in lines)


def test_columns_of_a_test_are_left_out_without_one(judgement: Judgement) -> None:
    rows = tuple(replace(row, true_change=None, simulated_change=None) for row in judgement.rows)
    screen = Screen(120)
    show_judgement(screen, replace(judgement, rows=rows))
    show_notes(screen, [replace(judgement, rows=rows)])
    assert "truth" not in screen.text
    assert "simulated" not in screen.text


def test_the_file_has_every_figure(judgement: Judgement, tmp_path: Path) -> None:
    write_estimates(tmp_path / "o.csv", [judgement])
    with (tmp_path / "o.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(float(line["estimate"]), line["metric"]) for line in lines] == [
        (row.estimate, row.metric) for row in judgement.rows
    ]
    assert {line["decisions"] for line in lines} == {"1000"}
    assert {line["warnings"] for line in lines} == {""}
