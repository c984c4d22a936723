"""Anomalies as phrases: verdicts of TFDV on small tables with known distances."""

import numpy as np
import pyarrow as pa
import pytest
import tensorflow_data_validation as tfdv
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2
from tfx.components.distribution_validator import executor as distribution_validator

from components.gates.anomaly_gate import anomaly_sentence
from components.gates.problems import (
    ColumnStatistics,
    Problem,
    column_statistics,
    distance_problems,
    missing_problems,
    schema_problems,
)
from components.validation.comparators import validator_config
from components.validation.config import Thresholds
from components.validation.statistics import stats_options
from transforms.feature import Feature

_TYPES = {"numeric": pa.float32(), "category": pa.binary()}
_KINDS = {"age": "numeric", "city": "category"}
_DISTANCE = (
    "if a distance is too large, correct the logs or, if the change is wanted, raise "
    "validation.drift.features.NAME, or for all features of numbers or of strings validation.drift.numeric or .category"
)
_LACKING = (
    "if a feature is missing too often or too seldom, correct the logs or, if the change is wanted, raise "
    "validation.drift.missing, or leave the feature out of this comparison (--set validation.drift.features.NAME=null)"
)
_BOUNDS = {"age": 0.15, "city": 0.15}


def _statistics(kinds: dict[str, str] = _KINDS, **columns: list[float | str | None]):
    arrays = [
        pa.array([None if value is None else [value] for value in values], pa.list_(_TYPES[kinds[name]]))
        for name, values in columns.items()
    ]
    batch = pa.RecordBatch.from_arrays(arrays, names=list(columns))
    return stats_impl.generate_statistics_in_memory(batch, stats_options())


def _problems(now, before, kinds: dict[str, str] = _KINDS, bounds: dict[str, float] = _BOUNDS) -> list[Problem]:
    """The problems in DistributionValidator's verdict, made by the validator's own steps."""
    features = tuple(
        Feature(name=name, group="user", kind=kind, column=f"users.{name}", per="request")
        for name, kind in kinds.items()
    )
    config = validator_config(features, Thresholds(category=0.15, numeric=0.15))
    schema = distribution_validator._make_schema_from_config(config, before)
    anomalies = tfdv.validate_statistics(now, schema, previous_statistics=before)
    anomalies = distribution_validator._get_comparison_only_anomalies(anomalies)
    anomalies = distribution_validator._add_anomalies_for_missing_comparisons(anomalies, config)
    pair, columns = "now against then", {"now": column_statistics(now), "before": column_statistics(before)}
    return [
        *distance_problems(anomalies, pair, **columns, section="validation.drift"),
        *missing_problems(pair, **columns, bounds=bounds, section="validation.drift"),
    ]


_AGES = [float(age) for age in np.arange(1000) % 10]
_CITIES = ["a", "b"] * 500
_EVEN = _statistics(age=_AGES, city=_CITIES)
_MISSING = _statistics(age=[None] * 1000, city=[None] * 1000)


def test_equal_distributions_are_no_problem():
    assert _problems(_EVEN, _EVEN) == []


def test_a_distance_above_its_threshold_is_a_problem_that_names_both():
    moved = _statistics(age=_AGES, city=["a", "b", "b", "b"] * 250)  # shares of a: 1/2 -> 1/4
    assert _problems(moved, _EVEN) == [
        ("feature city of now against then: L-infinity distance 0.25, above the threshold 0.15", _DISTANCE)
    ]
    older = _problems(_statistics(age=[age + 20 for age in _AGES], city=_CITIES), _EVEN)
    assert older == [
        ("feature age of now against then: Jensen-Shannon divergence 1, above the threshold 0.15", _DISTANCE)
    ]


def test_a_feature_whose_values_vanished_or_appeared_is_a_problem_at_any_threshold():
    for now, before, change in (
        (_MISSING, _EVEN, "all its values are missing"),
        (_EVEN, _MISSING, "it has values now and had none before"),
    ):
        assert _problems(now, before) == [
            (f"feature {name} of now against then: {change}", _LACKING) for name in ("age", "city")
        ]
    assert _problems(_MISSING, _MISSING) == []


@pytest.mark.parametrize("kind", ["numeric", "category"])
def test_a_feature_added_to_the_table_or_taken_from_it_is_no_problem(kind):
    more = {**_KINDS, "mood": kind}
    with_mood = _statistics(more, age=_AGES, city=_CITIES, mood=_AGES if kind == "numeric" else _CITIES)
    assert _problems(with_mood, _EVEN, more) == []
    assert _problems(_EVEN, with_mood) == []


@pytest.mark.parametrize("kind", ["numeric", "category"])
def test_a_feature_that_has_another_type_in_the_table_now_is_no_problem(kind):
    was = {"mood": "category" if kind == "numeric" else "numeric"}
    now = {"mood": kind}
    values = {"numeric": _AGES, "category": _CITIES}
    before = _statistics(was, mood=values[was["mood"]])
    assert _problems(_statistics(now, mood=values[now["mood"]]), before, now) == []


def test_every_feature_of_the_statistics_is_a_column_with_values_or_without():
    half = _statistics(age=[1.0, None] * 500, city=["a", None, None, None] * 250)
    assert column_statistics(half) == {
        "age": ColumnStatistics(numeric=True, missing=0.5),
        "city": ColumnStatistics(numeric=False, missing=0.75),
    }
    assert column_statistics(_MISSING) == {
        "age": ColumnStatistics(numeric=True, missing=1.0),
        "city": ColumnStatistics(numeric=False, missing=1.0),
    }
    assert [column.filled for column in (*column_statistics(half).values(), *column_statistics(_MISSING).values())] == [
        *(True, True),
        *(False, False),
    ]


@pytest.mark.parametrize(("share", "problem"), [(0.1, False), (0.2, True), (0.95, True)])
def test_a_feature_that_is_missing_more_or_less_often_is_a_problem(share: float, problem: bool):
    """The distributions of the values that are present are the same."""
    gone = int(1000 * share)
    some = _statistics(age=_AGES, city=[None] * gone + _CITIES[gone:])
    more, less = f"{share:.1%} of the rows instead of 0.0%", f"0.0% of the rows instead of {share:.1%}"
    for now, before, change in ((some, _EVEN, more), (_EVEN, some, less)):
        phrase = f"feature city of now against then: missing in {change}, a change above the threshold 0.15"
        assert [problem.phrase for problem in _problems(now, before)] == ([phrase] if problem else [])
    assert _problems(some, _EVEN, bounds={"age": 0.15}) == [], "city was left out of the comparison"


def test_features_that_are_not_compared_are_no_problem():
    assert _problems(_MISSING, _EVEN, bounds={"new": 0.1}) == []


def test_schema_violations_name_the_feature():
    schema = tfdv.infer_schema(_EVEN)
    city = next(feature for feature in schema.feature if feature.name == "city")
    city.ClearField("domain")
    city.string_domain.CopyFrom(schema_pb2.StringDomain(value=["a"]))
    (problem,) = schema_problems(tfdv.validate_statistics(_EVEN, schema), "the test split")
    assert problem.phrase.startswith("feature city of the test split: Unexpected string values")
    assert "b" in problem.phrase
    assert problem.advice == "correct the logs where they violate the schema, which has no threshold to raise"


def test_anomalies_of_the_whole_data_set_are_problems_too():
    anomalies = anomalies_pb2.Anomalies()
    anomalies.dataset_anomaly_info.reason.add(short_description="Low num examples", description="Only 3.")
    (problem,) = schema_problems(anomalies, "the train split")
    assert problem.phrase == "the train split: Low num examples: Only 3"


def test_all_problems_stand_in_one_sentence_with_each_advice_once():
    problems = [Problem("x", "do a"), Problem("y", "do b"), Problem("z", "do a")]
    assert anomaly_sentence(problems) == "The labelled impressions have 3 anomalies: x; y; z; do a; do b."
    assert anomaly_sentence(problems[:1]) == "The labelled impressions have an anomaly: x; do a."
