"""Values and verdicts of conditions, and that they pass where there is nothing to judge."""

import math
from dataclasses import replace

import pytest

from components.evaluation.conditions import Condition, value
from components.evaluation.figure import Figure
from components.evaluation.paired.ap_change import APChange
from components.evaluation.verdict import Verdict, dumps, loads, verdict
from tests.components.evaluation.some_conditions import CALIBRATED, FINITE, KEPT, LIFT


def _figure(ap: float | None, *, low: float = 0.0, positives: int = 100, broken: int = 0) -> Figure:
    return Figure(ap, low, 1.0, positives, 10_000, positives / 10_000, positives >= 20, True, broken)


def test_lift_is_ap_over_base_rate() -> None:
    assert value(LIFT, _figure(0.014), None) == pytest.approx(1.4)
    assert not verdict(LIFT, _figure(0.014), None).passed
    assert verdict(LIFT, _figure(0.016), None).passed


def _calibrated(ratio: float | None, low: float | None = None, high: float | None = None, **changes: int) -> Figure:
    return replace(_figure(0.1, **changes), calibration=ratio, calibration_low=low, calibration_high=high)


@pytest.mark.parametrize(
    ("ratio", "number", "passed"),
    [(1.0, 1.25, True), (0.8, 1.0, True), (1.25, 1.0, True), (0.4, 0.5, False), (2.5, 0.5, False), (0.0, 0.0, False)],
)
def test_calibration_without_an_interval_passes_inside_its_range(ratio: float, number: float, passed: bool) -> None:
    assert value(CALIBRATED, _calibrated(ratio), None) == pytest.approx(number)
    assert verdict(CALIBRATED, _calibrated(ratio), None).passed == passed


@pytest.mark.parametrize(
    ("figure", "number", "passed"),
    [
        (_calibrated(1.4, 1.0, 1.8), 1.25, True),  # chance may explain it: 1.25 / 1.0
        (_calibrated(1.4, 1.3, 1.5), 1.25 / 1.3, False),  # the whole interval is above the range
        (_calibrated(0.6, 0.3, 0.9), 0.9 / 0.8, True),
        (_calibrated(0.6, 0.5, 0.7), 0.7 / 0.8, False),
        (_calibrated(0.6, 0.0, 0.9), 0.9 / 0.8, True),
        (_calibrated(1.0, 0.5, 2.0), 2.5, True),
    ],
)
def test_calibration_fails_only_if_its_whole_interval_is_outside_of_its_range(
    figure: Figure, number: float, passed: bool
) -> None:
    assert value(CALIBRATED, figure, None) == pytest.approx(number)
    assert verdict(CALIBRATED, figure, None).passed == passed


def test_a_calibration_that_cannot_be_judged_passes() -> None:
    assert value(CALIBRATED, _calibrated(9.0, positives=19), None) == math.inf
    assert value(CALIBRATED, _calibrated(None), None) == math.inf


def test_too_few_positives_fail_no_condition() -> None:
    for condition in (LIFT, KEPT):
        assert value(condition, _figure(0.0001, positives=19), _figure(0.5, low=0.4)) == math.inf
        assert value(condition, _figure(None, positives=0), _figure(None, positives=0)) == math.inf


def _compared(condition: Condition, ap: float, *, chance: float) -> Verdict:
    """A new model beside a last one of AP 0.1, whose paired interval reaches `chance` to both sides."""
    change = APChange(ap - 0.1, ap - 0.1 - chance, ap - 0.1 + chance)
    return verdict(condition, _figure(ap), _figure(0.1), change=change)


def test_a_drop_fails_when_it_exceeds_the_tolerance_and_its_paired_interval_is_below_0() -> None:
    assert _compared(KEPT, 0.096, chance=0.01).passed  # within 5 %
    assert _compared(KEPT, 0.091, chance=0.01).passed  # the interval reaches 0
    assert not _compared(KEPT, 0.089, chance=0.01).passed
    assert _compared(KEPT, 0.0951, chance=0.001).passed
    assert not _compared(KEPT, 0.0949, chance=0.001).passed


def test_the_larger_of_both_drops_is_tolerated() -> None:
    lenient = KEPT.model_copy(update={"max_absolute_drop": 0.02})
    assert _compared(lenient, 0.081, chance=0.001).passed
    assert not _compared(lenient, 0.079, chance=0.001).passed


def test_without_a_paired_difference_no_drop_is_judged() -> None:
    unjudged = verdict(KEPT, _figure(0.001), _figure(0.1))
    assert unjudged.value is None and unjudged.passed
    assert unjudged.sentence.endswith("not judged, because too few users have a positive.")


def test_without_a_blessed_model_there_is_no_drop() -> None:
    assert verdict(KEPT, _figure(0.001), None).passed


def test_scores_that_are_not_finite_fail() -> None:
    assert verdict(FINITE, _figure(0.1), None).passed
    broken = verdict(FINITE, _figure(0.1, broken=3), None)
    assert not broken.passed
    assert broken.sentence == "click on promotion and ad: 3 of 10,000 scores are not finite numbers."


def test_sentences_name_head_rows_value_and_bound() -> None:
    assert _compared(KEPT, 0.08, chance=0.01).sentence == (
        "ad_stream on ad of stream tiers 3, 4: AP 0.08 is 20.0% below the last blessed model's 0.1 on the same rows "
        "(95 % interval of the change -30.0% to -10.0%); the least tolerated is 0.09 (100 positives; "
        "evaluator.tolerances)."
    )
    assert "change -100.0% to +180.0%)" in _compared(KEPT, 0.08, chance=0.2).sentence, "no AP is below 0"
    assert verdict(LIFT, _figure(0.014), None).sentence == (
        "ad_stream on ad: AP 0.014 is 1.40 times the base rate 0.01, the threshold is 1.5 times (100 "
        "positives; evaluator.thresholds)."
    )
    assert verdict(CALIBRATED, _calibrated(2.5, 1.3, 5.0), None).sentence == (
        "ad_stream on ad: expected / observed outcomes is 2.50 (95 % interval 1.30 to 5.00); it must be 0.8 to 1.25 "
        "(100 positives; evaluator.thresholds)."
    )
    assert verdict(LIFT, _figure(0.014, positives=3), None).sentence == (
        "ad_stream on ad: not judged, with 3 positives."
    )


def test_verdicts_survive_json() -> None:
    verdicts = [
        _compared(KEPT, 0.08, chance=0.01),
        verdict(LIFT, _figure(None, positives=0), None),
        verdict(KEPT, _figure(0.08), None, "It lacks B."),
        verdict(CALIBRATED, _calibrated(1.5), None),
    ]
    assert loads(dumps(verdicts)) == verdicts


def test_a_refused_comparison_fails_what_compares_and_nothing_else() -> None:
    few = _figure(0.08, positives=3)
    for candidate in (_figure(0.5), few):
        refused = verdict(KEPT, candidate, None, "It lacks B.")
        assert (refused.passed, refused.value, refused.sentence) == (False, 0.0, "It lacks B.")
    for condition in (LIFT, FINITE):
        judged = verdict(condition, _figure(0.5), None, "It lacks B.")
        assert judged == verdict(condition, _figure(0.5), None)
        assert judged.passed
