"""The AP table: a row for each label and source, a table for each branch beside the first, at every width."""

import re

import numpy as np
import pytest

from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.results import Evaluation
from components.evaluation.settings import EvaluatedHead
from components.report.changes import changes_of
from pipeline.terminal.ap_table import change_text, show_ap_tables
from tests.components.evaluation.paired.simulated import BETTER, draw, scores_of
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
        (62, ["stream", "promotion", "0.2200", "0.2000", "+10.0%"]),
        (63, ["stream", "promotion", WHOLE[0], "0.2000", "+10.0%"]),
        (74, ["stream", "promotion", WHOLE[0], "0.2000", "+10.0%"]),
        (75, ["stream", "promotion", *WHOLE, "+10.0%"]),
        (80, ["stream", "promotion", *WHOLE, "+10.0%"]),
        (100, ["stream", "promotion", "12.34%", "12,345", *WHOLE, "+10.0%"]),
        (120, ["stream", "promotion", "12.34%", "12,345", *WHOLE, "+10.0%"]),
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


def change(low: float, high: float, *, judged: bool = True) -> PairedRow:
    return PairedRow(
        *("click", AP, {"source": "ad"}, ("ad",), ("click",), ("click",), 100, 50, 40, judged),
        relative=0.1,
        relative_low=low,
        relative_high=high,
        p=0.5,
    )


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (change(0.02, 0.2), "! +10.0% [+2.0%, +20.0%]"),
        (change(-0.02, 0.2), "+10.0% [-2.0%, +20.0%]"),
        (change(0.02, 0.2, judged=False), ""),
        (None, ""),
    ],
)
def test_a_change_whose_interval_excludes_0_is_marked(row: PairedRow | None, text: str):
    assert change_text(row, interval=True) == text
    assert change_text(row, interval=False) == text.partition(" [")[0]


def test_changes_come_from_the_same_rows_and_say_how_many_are_chance():
    rng = np.random.default_rng(0)
    rows = draw(rng, 800, -2.0, BETTER)
    columns = {
        "impression_id": [f"i{number:05d}" for number in range(len(rows.labels))],
        "user_id": rows.users.astype(str),
        "source": np.where(np.arange(len(rows.labels)) % 2, "ad", "promotion"),
        "label.click": rows.labels,
    }
    heads = {"click": ("click", SOURCES)}
    kept = {
        "joint": scores_of(columns | {"candidate.click": rows.ours, "baseline.click": rows.theirs}, heads),
        "promotions_only": scores_of(columns | {"candidate.click": rows.theirs}, heads),
    }
    screen, narrow = Screen(160), Screen(80)
    changes = tuple(changes_of({name: kept[name] for name in BOTH}, BY_SOURCE))
    for each in (screen, narrow):
        show_ap_tables(each, BOTH, changes)
    lines = [line.rstrip() for line in screen.text.splitlines()]
    clicks = [line for line in lines if line.startswith("click")]
    assert all(line.count("! +") == 2 for line in clicks), clicks  # beside the first branch, and the last blessed model
    assert any("excludes 0: 4 of 4; by chance alone about 0.2" in line for line in lines)
    lines = [line.rstrip() for line in narrow.text.splitlines()]
    assert all(len(line) <= 80 for line in lines)
    assert all(re.search(r"! \+[\d.]+% \[\+[\d.]+%, \+[\d.]+%\]", line) for line in lines if line.startswith("click"))


def test_every_branch_is_shown_beside_the_first():
    branches = {name: evaluation(JOINT, ap) for name, ap in {"a": 0.2, "b": 0.3, "c": 0.4}.items()}
    lines = shown(branches, 74)
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
    lines = shown({"promotions_only": evaluation(JOINT, 0.2), name: evaluation(JOINT, 0.22)}, 76)
    assert table(lines)[-1] == ["click", "ad", *WHOLE, "+10.0%"]
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
