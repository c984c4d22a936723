"""Gates: which a recipe has, what they read, and that nothing to judge never fails one."""

import math

import pytest
from pydantic import ValidationError

from components.evaluation.config import EvaluatorConfig, Threshold, Tolerance
from components.evaluation.figure import Figure
from components.evaluation.gates import Gate, gates, value
from components.evaluation.verdict import dumps, loads, verdict
from models.recipes import RECIPES

LIFT = Gate(kind="lift", head="ad_stream", sources=("ad",), bound=1.5)
KEPT = Gate(kind="kept", head="ad_stream", sources=("ad",), tiers=(3, 4), max_relative_drop=0.05)
FINITE = Gate(kind="finite", head="click", sources=("ad", "promotion"))


def _figure(ap: float | None, *, low: float = 0.0, positives: int = 100, broken: int = 0) -> Figure:
    return Figure(ap, low, 1.0, positives, 10_000, positives / 10_000, positives >= 20, True, broken)


def test_joint_is_gated_per_source_and_for_low_tiers() -> None:
    names = [gate.name for gate in gates(RECIPES["joint"], EvaluatorConfig())]
    assert "gate/lift/promotion_stream/promotion" in names
    assert "gate/lift/ad_stream/ad" in names
    assert "gate/kept/promotion_stream/promotion" in names
    assert "gate/kept/click/ad" in names
    assert "gate/kept/ad_stream/ad/tiers_3_4_5_6_7" in names
    assert "gate/finite/click/ad_promotion" in names
    assert len(names) == len(set(names))


def test_a_recipe_is_not_gated_on_sources_it_never_saw() -> None:
    conditions = gates(RECIPES["promotions_only"], EvaluatorConfig())
    assert {gate.sources for gate in conditions if gate.kind != "finite"} == {("promotion",)}


def test_every_recipe_has_a_gate_even_without_thresholds() -> None:
    for recipe in RECIPES.values():
        assert gates(recipe, EvaluatorConfig(thresholds=(), tolerances=()))


def test_lift_is_ap_over_base_rate() -> None:
    assert value(LIFT, _figure(0.014), None) == pytest.approx(1.4)
    assert not verdict(LIFT, _figure(0.014), None).passed
    assert verdict(LIFT, _figure(0.016), None).passed


def test_too_few_positives_are_never_gated() -> None:
    for gate in (LIFT, KEPT):
        assert value(gate, _figure(0.0001, positives=19), _figure(0.5, low=0.4)) == math.inf
        assert value(gate, _figure(None, positives=0), _figure(None, positives=0)) == math.inf


def test_a_drop_fails_when_it_exceeds_tolerance_and_noise() -> None:
    last = _figure(0.100, low=0.090)
    assert verdict(KEPT, _figure(0.096), last).passed  # within 5 %
    assert verdict(KEPT, _figure(0.091), last).passed  # within the interval
    assert not verdict(KEPT, _figure(0.089), last).passed
    sure = _figure(0.100, low=0.099)
    assert verdict(KEPT, _figure(0.0951), sure).passed
    assert not verdict(KEPT, _figure(0.0949), sure).passed


def test_the_larger_of_both_drops_is_tolerated() -> None:
    gate = KEPT.model_copy(update={"max_absolute_drop": 0.02})
    sure = _figure(0.100, low=0.099)
    assert verdict(gate, _figure(0.081), sure).passed
    assert not verdict(gate, _figure(0.079), sure).passed


def test_without_a_blessed_model_there_is_no_drop() -> None:
    assert verdict(KEPT, _figure(0.001), None).passed


def test_scores_that_are_not_finite_fail() -> None:
    assert verdict(FINITE, _figure(0.1), None).passed
    broken = verdict(FINITE, _figure(0.1, broken=3), None)
    assert not broken.passed
    assert broken.sentence == "click on ads and promotions: 3 of 10,000 scores are not finite numbers."


def test_sentences_name_head_rows_value_and_bound() -> None:
    worse = verdict(KEPT, _figure(0.08), _figure(0.1, low=0.09))
    assert worse.sentence == (
        "ad_stream on ads of stream tiers 3, 4: AP 0.08 is 20.0% below the last blessed model's 0.1; the least "
        "tolerated is 0.09 (100 positives; evaluator.tolerances)."
    )
    assert verdict(LIFT, _figure(0.014), None).sentence == (
        "ad_stream on ads: AP 0.014 is 1.40 times the base rate 0.01, the threshold is 1.5 times (100 "
        "positives; evaluator.thresholds)."
    )
    assert verdict(LIFT, _figure(0.014, positives=3), None).sentence == (
        "ad_stream on ads: not judged, with 3 positives."
    )


def test_verdicts_survive_json() -> None:
    read = [verdict(KEPT, _figure(0.08), _figure(0.1, low=0.09)), verdict(LIFT, _figure(None, positives=0), None)]
    assert loads(dumps(read)) == read


@pytest.mark.parametrize(
    ("tolerances", "twice"),
    [
        ([{"labels": ["stream"], "max_relative_drop": 0.01}, {"max_relative_drop": 0.5}], "stream on promotions to"),
        ([{"tiers": [4, 3]}, {"sources": ["ad"], "tiers": [3, 4, 3]}], "stream on ads of stream tiers 3, 4 to"),
        ([{}, {"labels": ["like"], "tiers": range(8)}], "like on promotions to"),
    ],
)
def test_two_tolerances_for_the_same_rows_are_refused(tolerances: list, twice: str) -> None:
    with pytest.raises(ValidationError, match=f"entries 1 and 2 both hold {twice} a bound; leave it out of one of th"):
        EvaluatorConfig(tolerances=tolerances)


def test_two_thresholds_for_the_same_rows_are_refused() -> None:
    stream, click = Threshold(source="ad"), Threshold(source="ad", label="click")
    with pytest.raises(ValidationError, match="entries 1 and 3 both hold stream on ads to a bound"):
        EvaluatorConfig(thresholds=[stream, click, Threshold(source="ad", min_lift=3)])


def test_each_label_can_have_its_own_tolerance_and_tiers_that_overlap_their_own_gates() -> None:
    others = Tolerance(labels=("click", "like", "follow"), max_relative_drop=0.5)
    some, few = Tolerance(tiers=(5, 3, 4)), Tolerance(tiers=(4, 5))
    config = EvaluatorConfig(tolerances=(Tolerance(labels=("stream",)), others, some, few))
    drops = {gate.name: gate.max_relative_drop for gate in gates(RECIPES["joint"], config) if gate.kind == "kept"}
    assert drops["gate/kept/ad_stream/ad"] == 0.05
    assert drops["gate/kept/click/ad"] == 0.5
    assert {"gate/kept/click/ad/tiers_3_4_5", "gate/kept/click/ad/tiers_4_5"} <= set(drops)


def test_a_name_twice_in_one_entry_is_one_gate() -> None:
    config = EvaluatorConfig(tolerances=[{"labels": ["stream", "stream"], "sources": ["ad", "ad"], "tiers": [3, 3]}])
    kept = [gate.name for gate in gates(RECIPES["joint"], config) if gate.kind == "kept"]
    assert kept == ["gate/kept/ad_stream/ad/tiers_3"]


def test_config_names_what_is_valid() -> None:
    with pytest.raises(ValidationError, match="'promotion' or 'ad'"):
        Threshold(source="email")
    with pytest.raises(ValidationError, match="between 0 and 7"):
        Tolerance(tiers=(3, 9))
    for nothing in ({"labels": ()}, {"sources": ()}):  # would compare nothing, unseen
        with pytest.raises(ValidationError, match="at least 1 item"):
            Tolerance(**nothing)
    with pytest.raises(ValidationError, match="Extra inputs"):
        EvaluatorConfig(treshold=())
