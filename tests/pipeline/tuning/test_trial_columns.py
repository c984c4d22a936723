"""The table of a search's trials: whole columns at every width."""

import re

import pytest

from pipeline.terminal.fitting import show_columns
from pipeline.tuning.run import trial_columns
from tests.pipeline.terminal.screens import Screen

TRIALS = [
    {"trial_id": "1", "score": 0.26184, "trainer.learning_rate": 0.00123456, "encoder.units": "[64, 32]", "a.b": 0},
    {"trial_id": "0", "score": 0.25, "trainer.learning_rate": 0.01, "encoder.units": "[8]", "a.b": 1},
]


@pytest.mark.parametrize(
    ("width", "rows"),
    [
        (80, [["2", "0.2618", "0.001235", "[64, 32]", "0"], ["1", "0.2500", "0.01", "[8]", "1"]]),
        (40, [["2", "0.2618", "0.001235", "0"], ["1", "0.2500", "0.01", "1"]]),
        (15, [["2", "0.2618"], ["1", "0.2500"]]),
    ],
)
def test_the_settings_of_a_trial_are_shown_whole_or_not_at_all(width: int, rows: list[list[str]]):
    screen = Screen(width)
    show_columns(screen, trial_columns(TRIALS), title="t")
    lines = [line.rstrip() for line in screen.text.splitlines()]
    assert all(len(line) <= width and "…" not in line for line in lines)
    assert [re.split(r"  +", line.strip()) for line in lines[-2:]] == rows


def test_values_are_shown_as_a_config_has_them():
    trial = {"trial_id": "0", "score": 0.2, "a": "null", "b": "true", "c": '"relu"', "d": "[8, 4]", "e": 0.123456}
    assert [column.cells for column in trial_columns([trial])[2:]] == [
        ["null"],
        ["true"],
        ["relu"],
        ["[8, 4]"],
        ["0.1235"],
    ]


def test_a_setting_that_a_trial_lacks_is_empty():
    later = {"trial_id": "2", "score": 0.2, "new": 1}
    assert trial_columns([later, TRIALS[1]])[2].cells == ["1", ""]
