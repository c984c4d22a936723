"""The tables of `coldcast compare` and of what is new: whole columns at every width."""

import pytest

from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from pipeline.comparison.guards import Guard, GuardRows
from pipeline.comparison.rows import Compared
from pipeline.terminal.comparison import show_compared, show_guards
from tests.pipeline.terminal.screens import Screen


def row(label: str, **keys: int | str) -> PairedRow:
    return PairedRow(
        *(label, AP, keys, ("promotion",), (label,), (label,), 100_000, 1_234, 400, True),
        ours=0.1234,
        theirs=0.1122,
        relative=0.1,
        relative_low=0.02,
        relative_high=0.2,
        p=0.01,
        q=0.02,
    )


ROWS = tuple(
    row(label, source="promotion", **keys) for label in ("stream", "follow") for keys in ({}, {"unseen_show": 1})
)
FIRST = ["stream", "promotion", "all"]


@pytest.mark.parametrize(
    ("width", "cells"),
    [
        (64, [*FIRST, "0.1234", "0.1122", "! +10.0%"]),
        (80, [*FIRST, "0.1234", "0.1122", "! +10.0% [+2.0%, +20.0%]"]),
        (120, [*FIRST, "1,234", "0.1234", "0.1122", "! +10.0% [+2.0%, +20.0%]", "0.020"]),
    ],
)
def test_figures_stay_longer_than_intervals_and_nothing_is_cut(width: int, cells: list[str]):
    screen = Screen(width)
    show_compared(screen, Compared("joint", "promotions_only", ROWS), None)
    lines = [line.rstrip() for line in screen.text.splitlines()]
    assert all(len(line) <= width and "…" not in line for line in lines)
    (first, *_) = [line for line in lines if line.startswith("stream")]
    assert first.split() == " ".join(cells).split()


def test_a_guard_of_the_config_that_does_not_apply_is_not_judged():
    screen = Screen(120)
    missing = {Guard("click", "overall", AP): "the models share no label 'click'; both predict stream"}
    show_guards(screen, GuardRows({Guard("stream", "source=promotion", AP): ROWS[0]}, missing))
    assert screen.text.splitlines() == [
        "guard stream:source=promotion:ap: passed (! +10.0% [+2.0%, +20.0%])",
        "guard click:overall:ap of compare.guards: not judged (the models share no label 'click'; both predict stream)",
    ]
