from dataclasses import replace

import pytest

from experiments.p_values import p_text
from experiments.systems.texts import change_text, interval_text, slice_text
from tests.experiments.systems.made_cells import row


def test_a_change_says_whether_it_may_be_chance():
    assert change_text(row(0.123, 0.05)) == "! +12.3%"
    assert change_text(row(0.123, 0.5)) == "+12.3%"
    assert change_text(row(-0.123, 0.05, judged=False)) == "-12.3% *"
    assert change_text(replace(row(0.1, 0.1), relative=None)) == "none"


def test_an_interval_without_a_useful_end_says_so():
    assert interval_text(row(0.0, 0.0)) == "+0.0% to +0.0%"
    assert interval_text(replace(row(0.0, 0.0), relative_high=500.0)) == "+0.0% to more"


def test_small_q():
    assert [p_text(q) for q in (None, 0.0004, 0.04)] == ["", "<0.001", "0.040"]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({}, "all"),
        ({"source": "ad"}, "all"),
        ({"source": "ad", "stream_tier": 3}, "tier 3"),
        ({"less_streamed": 1}, "less-streamed"),
        ({"source": "ad", "unseen_show": 1}, "unseen show"),
    ],
)
def test_slices_are_named_without_their_source(keys: dict, text: str):
    assert slice_text(row(0.0, 0.1, keys)) == text
