"""Which differences a guard names, and when one is worse."""

from dataclasses import replace

import pytest

from components.evaluation.paired.row import PairedRow
from pipeline.comparison.guards import Guard, guard_rows, parse_guard, verdict
from pipeline.errors import RunsError


def row(measure: str, ours: float, theirs: float, *, low: float, high: float, judged: bool = True) -> PairedRow:
    return PairedRow(
        label="stream",
        measure=measure,
        keys={"source": "ad", "less_streamed": 1},
        sources=("ad",),
        heads=("ad_stream",),
        other_heads=("ad_stream",),
        examples=100,
        positives=20,
        users=15,
        judged=judged,
        ours=ours,
        theirs=theirs,
        relative_low=low,
        relative_high=high,
    )


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("stream", Guard("stream", "overall", "ap")),
        ("stream:overall", Guard("stream", "overall", "ap")),
        ("stream:source=ad", Guard("stream", "source=ad", "ap")),
        ("stream::log_loss", Guard("stream", "overall", "log_loss")),
        ("click:source=ad, less_streamed=1:ap", Guard("click", "less_streamed=1, source=ad", "ap")),
    ],
)
def test_what_is_left_out_of_a_guard_is_all_rows_and_ap(text: str, guard: Guard):
    assert parse_guard(text) == guard


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "write LABEL:SLICE:MEASURE"),
        ("stream:source=ad:ap:more", "write LABEL:SLICE:MEASURE"),
        ("stream:ad", "write the slice as COLUMN=VALUE"),
        ("stream:source=ad:auc", "valid measures are ap, log_loss, calibration"),
    ],
)
def test_a_guard_of_another_form_is_refused(text: str, message: str):
    with pytest.raises(RunsError, match=message):
        parse_guard(text)


def test_a_guard_finds_its_row_or_says_what_there_is():
    rows = [row("ap", 0.2, 0.3, low=-0.5, high=-0.1)]
    assert parse_guard("stream:source=ad,less_streamed=1").find(rows) is rows[0]
    assert parse_guard("click").find(rows) == "the models share no label 'click'; both predict stream"
    assert str(parse_guard("stream:source=mail").find(rows)).startswith("there is no slice 'source=mail'; --csv FILE")


def test_a_guard_of_a_label_with_two_heads_is_about_the_worst_of_them():
    better, few = row("ap", 0.3, 0.2, low=0.1, high=0.9), row("ap", 0.2, 0.3, low=-0.5, high=-0.1, judged=False)
    worse = row("ap", 0.2, 0.3, low=-0.5, high=-0.1)
    guard = parse_guard("stream:source=ad,less_streamed=1")
    assert guard.find([better, few, worse]) is worse
    assert guard.find([better, few]) is few


def test_a_model_whose_scores_are_not_numbers_is_worse():
    broken = replace(row("calibration", 1.0, 1.1, low=0.0, high=0.0, judged=False), ours=None)
    assert verdict(broken) == "worse"
    assert verdict(replace(broken, ours=1.0, theirs=None)) == verdict(replace(broken, theirs=None)) == "not judged"


def test_only_a_guard_of_the_config_may_have_no_row():
    """The guards of a config are for all models; these two share no clicks."""
    rows = [row("ap", 0.2, 0.3, low=-0.5, high=-0.1)]
    ads, clicks = parse_guard("stream:source=ad,less_streamed=1"), parse_guard("click")
    guards = guard_rows([ads, clicks], rows, refused=[ads])
    assert guards.rows == {ads: rows[0]}
    assert guards.missing == {clicks: "the models share no label 'click'; both predict stream"}
    with pytest.raises(RunsError, match="--guard click:overall:ap: the models share no label"):
        guard_rows([ads, clicks], rows, refused=[clicks])


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (row("ap", 0.2, 0.3, low=-0.5, high=-0.1), "worse"),
        (row("ap", 0.2, 0.3, low=-0.5, high=0.1), "passed"),
        (row("ap", 0.3, 0.2, low=0.1, high=0.9), "passed"),
        (row("log_loss", 0.3, 0.2, low=0.1, high=0.9), "worse"),
        (row("log_loss", 0.2, 0.3, low=-0.5, high=-0.1), "passed"),
        (row("calibration", 1.5, 1.1, low=0.1, high=0.9), "worse"),
        (row("calibration", 1.1, 0.5, low=0.1, high=0.9), "passed"),
        (row("calibration", 0.5, 0.9, low=-0.5, high=-0.1), "worse"),
        (row("ap", 0.2, 0.3, low=-0.5, high=-0.1, judged=False), "not judged"),
    ],
)
def test_worse_is_less_ap_more_log_loss_or_calibration_farther_from_1(measured: PairedRow, expected: str):
    assert verdict(measured) == expected
