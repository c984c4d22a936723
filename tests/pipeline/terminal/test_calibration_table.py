"""The calibration table: a row for each label and source, a column for each branch, at every width."""

import re
from dataclasses import replace

import pytest

from components.evaluation.results import Evaluation
from components.evaluation.settings import EvaluatedHead
from pipeline.terminal.calibration_table import show_calibration
from tests.pipeline.terminal.evaluations import JOINT, PROMOTIONS_ONLY, SOURCES, evaluation, figure
from tests.pipeline.terminal.screens import Screen

BOTH = {"promotions_only": evaluation(PROMOTIONS_ONLY, 0.2), "joint": evaluation(JOINT, 0.2, {"click": 19})}
WHOLE, SHORT = "1.20 [0.60, 1.80]", "1.20"


def shown(evaluations: dict[str, Evaluation], width: int = 80) -> list[str]:
    screen = Screen(width)
    show_calibration(screen, evaluations)
    return [line.rstrip() for line in screen.text.splitlines()]


def table(lines: list[str]) -> list[list[str]]:
    """The cells of the rows, below the rule."""
    rule = next(number for number, line in enumerate(lines) if set(line) == {"─"})
    return [re.split(r" {2,}", line) for line in lines[rule + 1 :]]


@pytest.mark.parametrize(
    ("width", "cells"), [(40, [SHORT, SHORT]), (56, [WHOLE, SHORT]), (60, [WHOLE, WHOLE]), (120, [WHOLE, WHOLE])]
)
def test_every_branch_has_a_column_the_first_one_last_as_in_the_ap_table(width: int, cells: list[str]):
    lines = shown(BOTH, width)
    assert " ".join(lines).startswith("Expected / observed outcomes on the test days")
    assert table(lines)[0] == ["stream", "promotion", *cells]


def test_rows_are_by_label_and_source_and_figures_with_few_positives_are_marked():
    rows = table(shown(BOTH))
    assert [row[:2] for row in rows] == [[label, source] for label in ("stream", "click") for source in SOURCES]
    assert rows[-1] == ["click", "ad", f"{WHOLE} *", WHOLE]


def test_what_a_branch_does_not_predict_and_what_has_no_outcomes_is_none():
    ads = (EvaluatedHead("ad_stream", "stream", ("ad",)),)
    branches = {"ads": evaluation(ads, 0.2), "joint": evaluation(JOINT, 0.2, {"ad_stream": 0})}
    rows = {(row[0], row[1]): row[2:] for row in table(shown(branches))}
    assert rows["stream", "ad"] == ["none *", WHOLE]
    assert rows["stream", "promotion"] == [WHOLE, "none"]


def test_two_heads_of_one_label_and_source_are_told_apart():
    heads = (EvaluatedHead("brief", "click", ("ad",)), EvaluatedHead("patient", "click", ("ad",)))
    assert [row[0] for row in table(shown({"mine": evaluation(heads, 0.3)}))] == ["click (brief)", "click (patient)"]


def test_a_run_of_an_earlier_version_has_no_table():
    head = JOINT[0]
    old = replace(figure(head, 0.2, source="promotion"), expected=None, calibration=None)
    assert shown({"joint": Evaluation((head,), SOURCES, (old,))}) == []
