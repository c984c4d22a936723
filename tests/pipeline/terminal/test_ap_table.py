"""The AP table: a row for each label and source, a table for each branch beside the first, at every width."""

import re

import pytest

from components.evaluation.results import Evaluation
from components.evaluation.settings import EvaluatedHead
from pipeline.terminal.ap_table import show_ap_tables
from tests.pipeline.terminal.evaluations import JOINT, PROMOTIONS_ONLY, SOURCES, evaluation
from tests.pipeline.terminal.screens import Screen

BOTH = {
    "promotions_only": evaluation(PROMOTIONS_ONLY, 0.2, {"click": 19}),
    "joint": evaluation(JOINT, 0.22, {"click": 19}),
}


def shown(evaluations: dict[str, Evaluation], width: int) -> list[str]:
    screen = Screen(width)
    show_ap_tables(screen, evaluations)
    return [line.rstrip() for line in screen.text.splitlines()]


def table(lines: list[str]) -> list[list[str]]:
    """The cells of the rows: everything between the first rule and the marks."""
    first = next(number for number, line in enumerate(lines) if set(line) == {"─"})
    last = next(number for number, line in enumerate(lines) if line.startswith("[low, high]"))
    return [re.split(r" {2,}", line) for line in lines[first + 1 : last]]


WHOLE = ["0.2200 [0.110, 0.330]", "0.2000 [0.100, 0.300]"]


@pytest.mark.parametrize(
    ("width", "cells"),
    [
        (64, ["stream", "promotion", "0.2200", "0.2000", "~ +10.0%"]),
        (65, ["stream", "promotion", WHOLE[0], "0.2000", "~ +10.0%"]),
        (76, ["stream", "promotion", WHOLE[0], "0.2000", "~ +10.0%"]),
        (77, ["stream", "promotion", *WHOLE, "~ +10.0%"]),
        (80, ["stream", "promotion", *WHOLE, "~ +10.0%"]),
        (100, ["stream", "promotion", "12.34%", "12,345", *WHOLE, "~ +10.0%"]),
        (120, ["stream", "promotion", "12.34%", "12,345", *WHOLE, "~ +10.0%"]),
    ],
)
def test_the_own_interval_stays_longest_and_base_rates_go_before_intervals(width: int, cells: list[str]):
    lines = shown(BOTH, width)
    assert all(len(line) <= width and "…" not in line for line in lines)
    assert lines[0] == "Average precision on the test days"
    assert table(lines)[0] == cells


def test_rows_are_by_label_and_source_and_figures_with_few_positives_are_marked():
    rows = table(shown(BOTH, 100))
    assert [row[:2] for row in rows] == [[label, source] for label in ("stream", "click") for source in SOURCES]
    few = [f"{ap} *" for ap in WHOLE]
    assert rows[2] == ["click", "promotion", "12.34%", "19", *few]  # too few positives for a change


@pytest.mark.parametrize(
    ("ap", "other", "change"),
    [(0.22, 0.11, "~ +100.0%"), (0.22, 0.109, "+101.8%"), (0.2, 0.31, "~ -35.5%"), (0.2, 0.41, "-51.2%")],
)
def test_a_difference_that_may_be_chance_is_marked(ap: float, other: float, change: str):
    rows = table(shown({"a": evaluation(JOINT, other), "b": evaluation(JOINT, ap)}, 100))
    assert {row[-1] for row in rows} == {change}


def test_every_branch_is_shown_beside_the_first():
    branches = {name: evaluation(JOINT, ap) for name, ap in {"a": 0.2, "b": 0.3, "c": 0.4}.items()}
    lines = shown(branches, 80)
    headings = [line.split() for line in lines if line.startswith("label")]
    assert headings == [["label", "source", name, "a", "change"] for name in ("b", "c")]
    changes = [line.split()[-1] for line in lines if line.startswith("click")]
    assert changes == ["+50.0%", "+50.0%", "+100.0%", "+100.0%"]


def test_a_single_branch_has_no_comparison():
    lines = shown({"joint": evaluation(JOINT, 0.3)}, 80)
    assert next(line.split() for line in lines if line.startswith("label"))[-1] == "joint"
    assert table(lines)[0] == ["stream", "promotion", "12.34%", "12,345", "0.3000 [0.150, 0.450]"]


def test_two_heads_of_one_label_and_source_are_told_apart():
    heads = (EvaluatedHead("brief", "click", ("ad",)), EvaluatedHead("patient", "click", ("ad",)))
    rows = table(shown({"mine": evaluation(heads, 0.3)}, 80))
    assert [row[0] for row in rows] == ["click (brief)", "click (patient)"]


def test_long_names_of_branches_break_after_underscores():
    name = "a_branch_of_mine_with_a_name_that_nobody_would_want_to_type"
    lines = shown({"promotions_only": evaluation(JOINT, 0.2), name: evaluation(JOINT, 0.22)}, 80)
    assert table(lines)[-1] == ["click", "ad", *WHOLE, "~ +10.0%"]
    pieces = "".join(piece for line in lines[1:6] for piece in line.split() if piece.endswith("_") or piece == "type")
    assert name in pieces


def test_stream_heads_are_named_if_none_can_be_judged():
    few = evaluation(JOINT, 0.2, {"promotion_stream": 19, "ad_stream": 3})
    assert " ".join(line.strip() for line in shown({"joint": few}, 80)[-3:]) == (
        "joint: no stream head could be judged: promotion_stream on source promotion (19 positives), ad_stream on "
        "source ad (3 positives); raise split.test_days, or lower evaluator.min_positives"
    )
    one_is_enough = evaluation(JOINT, 0.2, {"promotion_stream": 20, "ad_stream": 3})
    assert "no stream head" not in "\n".join(shown({"joint": one_is_enough}, 80))
