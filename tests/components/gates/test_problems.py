"""Anomalies as phrases: TFDV's verdicts on small tables with known distances."""

import numpy as np
import pyarrow as pa
import pytest
import tensorflow_data_validation as tfdv
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2
from tfx.components.distribution_validator import executor as distribution_validator

from components.gates.anomaly_gate import anomaly_sentence
from components.gates.problems import distance_problems, filled_features, schema_problems
from components.validation.comparators import validator_config
from components.validation.config import Thresholds
from components.validation.statistics import stats_options
from transforms.features import Feature

_FEATURES = tuple(
    Feature(name=name, group="user", kind=kind, column=f"users.{name}", per="request")
    for name, kind in (("age", "numeric"), ("city", "category"))
)


def _statistics(age: list[float | None], city: list[str | None]):
    def column(values: list, type_: pa.DataType) -> pa.Array:
        return pa.array([None if value is None else [value] for value in values], pa.list_(type_))

    batch = pa.RecordBatch.from_arrays([column(age, pa.float32()), column(city, pa.binary())], names=["age", "city"])
    return stats_impl.generate_statistics_in_memory(batch, stats_options())


def _problems(now, before) -> list[str]:
    """What AnomalyGate says about DistributionValidator's verdict, by the validator's own steps."""
    config = validator_config(_FEATURES, Thresholds(category=0.15, numeric=0.15))
    schema = distribution_validator._make_schema_from_config(config, before)
    found = tfdv.validate_statistics(now, schema, previous_statistics=before)
    found = distribution_validator._get_comparison_only_anomalies(found)
    found = distribution_validator._add_anomalies_for_missing_comparisons(found, config)
    return distance_problems(
        found, "now against then", filled=filled_features(now), filled_before=filled_features(before)
    )


_AGES = [float(age) for age in np.arange(1000) % 10]
_EVEN = _statistics(_AGES, ["a", "b"] * 500)
_MISSING = _statistics([None] * 1000, [None] * 1000)


def test_equal_distributions_are_no_problem():
    assert _problems(_EVEN, _EVEN) == []


def test_a_distance_above_its_threshold_is_told_with_both():
    moved = _statistics(_AGES, ["a", "b", "b", "b"] * 250)  # shares of a: 1/2 -> 1/4
    assert _problems(moved, _EVEN) == [
        "feature city of now against then: L-infinity distance 0.25, above the threshold 0.15"
    ]
    older = _problems(_statistics([age + 20 for age in _AGES], ["a", "b"] * 500), _EVEN)
    assert older == ["feature age of now against then: Jensen-Shannon divergence 1, above the threshold 0.15"]


def test_a_feature_that_vanished_or_appeared_is_a_problem_and_one_that_never_was_there_is_none():
    assert [problem.split(": ")[1] for problem in _problems(_MISSING, _EVEN)] == ["all its values are missing"] * 2
    assert len(_problems(_EVEN, _MISSING)) == 2
    assert _problems(_MISSING, _MISSING) == []


def test_schema_violations_are_told_by_feature():
    schema = tfdv.infer_schema(_EVEN)
    city = next(feature for feature in schema.feature if feature.name == "city")
    city.ClearField("domain")
    city.string_domain.CopyFrom(schema_pb2.StringDomain(value=["a"]))
    (problem,) = schema_problems(tfdv.validate_statistics(_EVEN, schema), "the test split")
    assert problem.startswith("feature city of the test split: Unexpected string values")
    assert "b" in problem


def test_anomalies_of_the_whole_data_set_are_told_too():
    anomalies = anomalies_pb2.Anomalies()
    anomalies.dataset_anomaly_info.reason.add(short_description="Low num examples", description="Only 3.")
    assert schema_problems(anomalies, "the train split") == ["the train split: Low num examples: Only 3"]


@pytest.mark.parametrize(
    ("problems", "start"), [(["x"], "have an anomaly: x;"), (["x", "y"], "have 2 anomalies: x; y;")]
)
def test_all_problems_stand_in_one_sentence(problems, start):
    sentence = anomaly_sentence(problems)
    assert start in sentence
    assert sentence.count(". ") == 0
