"""Which conditions of a blessing a recipe has under a config."""

import math

import pytest
from pydantic import ValidationError

from components.evaluation.conditions import conditions
from components.evaluation.config import EvaluatorConfig, Threshold, Tolerance
from models.recipes import RecipeConfig, bind
from models.tasks import DEFAULT_TASKS, TaskConfig
from tests.components.evaluation.evaluated import RECIPES
from tests.components.evaluation.some_conditions import CALIBRATED


def test_joint_has_conditions_for_each_source_and_for_low_tiers() -> None:
    names = [condition.name for condition in conditions(RECIPES["joint"], EvaluatorConfig())]
    assert "condition/lift/promotion_stream/promotion" in names
    assert "condition/lift/ad_stream/ad" in names
    assert "condition/kept/promotion_stream/promotion" in names
    assert "condition/kept/click/ad" in names
    assert "condition/kept/ad_stream/ad/tiers_3_4_5_6_7" in names
    assert "condition/finite/click/promotion_ad" in names
    assert len(names) == len(set(names))


def test_a_recipe_has_no_bounds_on_sources_it_was_not_trained_on() -> None:
    of_recipe = conditions(RECIPES["promotions_only"], EvaluatorConfig())
    assert {condition.sources for condition in of_recipe if condition.kind != "finite"} == {("promotion",)}


def test_every_recipe_has_a_condition_even_without_thresholds() -> None:
    for recipe in RECIPES.values():
        assert conditions(recipe, EvaluatorConfig(thresholds=(), tolerances=()))


def test_without_the_comparison_only_thresholds_and_finite_scores_are_left() -> None:
    compared, alone = (
        conditions(RECIPES["joint"], EvaluatorConfig(compare_with_last=compare)) for compare in (True, False)
    )
    assert {condition.kind for condition in alone} == {"finite", "lift"}
    assert alone == tuple(condition for condition in compared if condition.kind != "kept")


def test_a_threshold_bounds_calibration_only_if_it_has_bounds() -> None:
    config = EvaluatorConfig(thresholds=[Threshold(source="ad", calibration=(0.8, 1.25)), Threshold(label="click")])
    (condition,) = (one for one in conditions(RECIPES["joint"], config) if one.kind == "calibrated")
    assert condition == CALIBRATED
    assert condition.name == "condition/calibrated/ad_stream/ad"
    assert "condition/lift/ad_stream/ad" in {one.name for one in conditions(RECIPES["joint"], config)}
    for wrong in ((1.25, 0.8), (1, 1), (0, 1), (0.5, math.inf)):
        with pytest.raises(ValidationError, match=r"least value first|greater than 0|finite"):
            Threshold(calibration=wrong)
    with pytest.raises(ValidationError, match="finite"):
        Threshold(min_lift=math.inf)


def test_a_threshold_without_a_source_is_one_condition_for_each_source() -> None:
    config = EvaluatorConfig(thresholds=[Threshold(label="click", min_lift=2), Threshold(source="ad")])
    lifts = {one.name: one.bound for one in conditions(RECIPES["joint"], config) if one.kind == "lift"}
    assert lifts == {
        "condition/lift/click/promotion": 2,
        "condition/lift/click/ad": 2,
        "condition/lift/ad_stream/ad": 1.2,
    }


def test_each_label_can_have_its_own_tolerance_and_overlapping_tiers_their_own_conditions() -> None:
    others = Tolerance(labels=("click", "like", "follow"), max_relative_drop=0.5)
    some, few = Tolerance(tiers=(5, 3, 4)), Tolerance(tiers=(4, 5))
    config = EvaluatorConfig(tolerances=(Tolerance(labels=("stream",)), others, some, few))
    drops = {one.name: one.max_relative_drop for one in conditions(RECIPES["joint"], config) if one.kind == "kept"}
    assert drops["condition/kept/ad_stream/ad"] == 0.05
    assert drops["condition/kept/click/ad"] == 0.5
    assert {"condition/kept/click/ad/tiers_3_4_5", "condition/kept/click/ad/tiers_4_5"} <= set(drops)


def test_a_name_twice_in_one_entry_is_one_condition() -> None:
    config = EvaluatorConfig(tolerances=[{"labels": ["stream", "stream"], "sources": ["ad", "ad"], "tiers": [3, 3]}])
    kept = [condition.name for condition in conditions(RECIPES["joint"], config) if condition.kind == "kept"]
    assert kept == ["condition/kept/ad_stream/ad/tiers_3"]


def test_a_source_that_the_config_adds_is_compared_without_being_named() -> None:
    tasks = DEFAULT_TASKS | {"email_stream": TaskConfig(label="stream", trained_on=("email",), read_on=("email",))}
    recipe = bind(RecipeConfig(trained_on=("ad", "email"), heads=("ad_stream", "email_stream")), tasks)
    names = {one.name for one in conditions(recipe, EvaluatorConfig())}
    assert {"condition/lift/email_stream/email", "condition/kept/email_stream/email"} <= names
    assert {"condition/lift/ad_stream/ad", "condition/kept/ad_stream/ad"} <= names
    assert not {name for name in names if "/ad_stream/" in name and "email" in name}
