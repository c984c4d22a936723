"""The features that are compared, by which distance, up to which threshold."""

import json
import re

import pytest
from pydantic import ValidationError

from components.validation.comparators import (
    missing_bounds,
    thresholds_by_feature,
    validator_config,
)
from components.validation.config import Thresholds, TrainTestThresholds, ValidationConfig
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.responses import counts_impressions

_SOME = tuple(
    Feature(name=name, group="user", kind=kind, column=f"users.{name}", per="request", length=2)
    for name, kind in (
        ("age", "numeric"),
        ("city", "category"),
        ("tags", "categories"),
        ("point", "vector"),
        ("account", "hashed"),
        ("weekday", "category"),
    )
)


def test_the_kind_of_a_feature_gives_its_threshold_but_ids_and_the_weekday_have_none():
    distances = thresholds_by_feature(_SOME, Thresholds(category=0.2, numeric=0.3))
    assert distances == {"age": 0.3, "city": 0.2, "tags": 0.2, "point": 0.3}


def test_a_feature_can_have_its_own_threshold_be_left_out_or_be_added():
    distances = thresholds_by_feature(
        _SOME, Thresholds(category=0.2, numeric=0.3, features={"age": 0.01, "city": None, "account": 0.5})
    )
    assert distances == {"age": 0.01, "tags": 0.2, "point": 0.3, "account": 0.5}


def test_nothing_is_compared_if_it_is_switched_off():
    assert not thresholds_by_feature(_SOME, Thresholds(enabled=False))
    assert not validator_config(_SOME, Thresholds(enabled=False)).default_slice_config.feature


@pytest.mark.parametrize(
    ("section", "name", "hint"), [("drift", "hieght", ", did you mean height? The"), ("train_test", "x", "; the")]
)
def test_a_threshold_of_an_unknown_feature_is_rejected_with_its_key(section: str, name: str, hint: str):
    config = ValidationConfig.model_validate({section: {"features": {"height": 0.1, name: None}}})
    message = f"validation.{section}.features.{name}: there is no such feature{hint} features are height, city"
    with pytest.raises(ValueError, match=re.escape(message)):
        config.check_names(["height", "city"])
    ValidationConfig.model_validate({section: {"features": {"height": 0.1}}}).check_names(["height", "city"])


def test_distances_lie_between_0_and_1():
    for wrong in (0, 1.5, float("nan")):
        with pytest.raises(ValidationError):
            Thresholds(category=wrong)


def test_strings_are_compared_by_l_infinity_and_numbers_by_divergence_of_quantiles():
    config = validator_config(_SOME, Thresholds(category=0.2, numeric=0.3))
    compared = {
        feature.path.step[0]: feature.distribution_comparator for feature in config.default_slice_config.feature
    }
    assert compared["city"].infinity_norm.threshold == 0.2
    assert not compared["city"].HasField("jensen_shannon_divergence")
    assert compared["point"].jensen_shannon_divergence.threshold == 0.3
    assert compared["age"].jensen_shannon_divergence.source.type == 1  # QUANTILES


def test_the_defaults_fit_the_feature_table_and_any_part_of_it():
    config = ValidationConfig()
    assert thresholds_by_feature(FEATURES, config.drift)["device"] == 0.15
    assert thresholds_by_feature(FEATURES[:3], config.train_test)
    assert TrainTestThresholds(category=0.3).numeric == config.train_test.numeric


def test_what_counts_impressions_is_compared_with_the_last_run_but_not_between_training_and_test():
    growing = {feature.name for feature in FEATURES if counts_impressions(feature)}
    assert {"show_ad_shown_30d", "user_promotion_click_rate_30d", "user_seconds_since_impression"} <= growing
    assert not {"user_shows_30d", "show_streams_30d", "user_seconds_since_stream", "show_age_days"} & growing
    config = ValidationConfig()
    bounds = json.loads(missing_bounds(FEATURES, config))
    assert growing <= thresholds_by_feature(FEATURES, config.drift).keys() & bounds["drift"].keys()
    assert not growing & (thresholds_by_feature(FEATURES, config.train_test).keys() | bounds["train_test"].keys())
    named = ValidationConfig.model_validate({"train_test": {"features": {"show_ad_shown_30d": 0.4}}})
    assert thresholds_by_feature(FEATURES, named.train_test)["show_ad_shown_30d"] == 0.4
    assert json.loads(missing_bounds(FEATURES, named))["train_test"]["show_ad_shown_30d"] == 0.15


def test_the_share_that_lacks_a_feature_is_compared_for_all_but_those_left_out():
    config = ValidationConfig.model_validate(
        {"drift": {"missing": 0.3, "features": {"show_id": None, "hour": 0.5}}, "train_test": {"enabled": False}}
    )
    bounds = json.loads(missing_bounds(FEATURES, config))
    assert bounds["drift"] == {feature.name: 0.3 for feature in FEATURES if feature.name != "show_id"}
    assert bounds["train_test"] == {}
