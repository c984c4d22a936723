"""From days to AnomalyGate in one TFX pipeline: the reasons to stop a run, and the nodes that a rerun reuses."""

from pathlib import Path

import pytest
from tfx.components.example_validator.component import ExampleValidator
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base.base_node import BaseNode

from components.baseline.resolvers import last_passed_statistics
from components.gates.anomaly_gate import AnomalyError, AnomalyGate
from components.gates.quarantine_gate import QuarantineGate
from components.split.component import TemporalSplit
from components.split.config import SplitConfig
from components.validation.comparators import missing_bounds
from components.validation.config import ValidationConfig
from components.validation.schema_file import write_schema
from components.validation.statistics import ColumnarStatisticsGen
from components.validation.validators import drift_validator, train_test_validator
from logs.errors import QuarantineError
from tests.components.labelled_days import SOME_FEATURES, LabelledDays
from tests.components.runs import artifacts, run, states
from transforms.domain import Domain
from transforms.feature import Feature

pytestmark = pytest.mark.slow


def _nodes(folder: Path, features: tuple[Feature, ...] = SOME_FEATURES, **days: int | str) -> list[BaseNode]:
    source = LabelledDays(rows=2000, **days)
    quarantine = QuarantineGate(accounting=source.outputs["accounting"], max_quarantined_fraction=0.01)
    split = TemporalSplit(
        days=source.outputs["examples"],
        accounting=source.outputs["accounting"],
        **SplitConfig(validation_days=1, test_days=1).parameters(),
    )
    split.add_upstream_node(quarantine)
    schema = ImportSchemaGen(schema_file=write_schema(features, Domain(), str(folder / "schema")))
    statistics = ColumnarStatisticsGen(examples=split.outputs["examples"], schema=schema.outputs["schema"])
    found = statistics.outputs["statistics"]
    last = last_passed_statistics(statistics).with_id("Resolver.statistics")
    examples = ExampleValidator(statistics=found, schema=schema.outputs["schema"])
    config = ValidationConfig()
    drift = drift_validator(found, last.outputs["statistics"], features, config).with_id("drift")
    train_test = train_test_validator(found, features, config).with_id("train_test")
    gate = AnomalyGate(
        statistics=found,
        anomalies=examples.outputs["anomalies"],
        drift=drift.outputs["anomalies"],
        train_test=train_test.outputs["anomalies"],
        missing=missing_bounds(features, config),
        last_statistics=last.outputs["statistics"],
    )
    nodes: list[BaseNode] = [quarantine, split, schema, statistics, examples, drift, train_test, gate]
    for node in nodes:
        node.exec_properties["code_hash"] = "0123"  # the pipeline adds it to the cache key; executors must not mind
    return [source, last, *nodes]


def test_anomalies_stop_a_run_and_an_unchanged_rerun_is_cached(tmp_path):
    run(tmp_path, _nodes(tmp_path))
    assert set(states(tmp_path).values()) == {"complete"}, "a first run has nothing to drift from, and passes"

    run(tmp_path, _nodes(tmp_path))
    again = states(tmp_path)
    assert again.pop("Resolver.statistics") == "complete"  # it always looks
    assert set(again.values()) == {"cached"}

    with pytest.raises(AnomalyError) as stopped:
        run(tmp_path, _nodes(tmp_path, device="fridge", like=3))
    for problem in (
        "have 4 anomalies: ",
        "feature like of the train split: Out-of-range values: Unexpectedly large value: 3",
        "feature device of train against the last run: L-infinity distance 1, above the threshold 0.15",
        "which has no threshold to raise",
        "raise validation.drift.features.NAME",
    ):
        assert problem in str(stopped.value)

    with pytest.raises(AnomalyError, match="device of train against the last run"):  # not compared with the failed run
        run(tmp_path, _nodes(tmp_path, device="fridge", like=3))

    run(tmp_path, _nodes(tmp_path, seed=1))
    assert len(artifacts(tmp_path, "Passed")) == 2


def test_test_days_unlike_the_training_days_stop_a_run(tmp_path):
    with pytest.raises(AnomalyError) as stopped:
        run(tmp_path, _nodes(tmp_path, last_device="fridge", last_without_hours=1))
    for problem in (
        "have 2 anomalies: ",
        "feature device of test against train: L-infinity distance 1, above the threshold 0.15",
        "feature user_hours_30d of test against train: all its values are missing",
        "raise validation.train_test.features.NAME",
        "raise validation.train_test.missing",
    ):
        assert problem in str(stopped.value)


def test_a_feature_added_to_the_table_or_taken_from_it_stops_no_run(tmp_path):
    run(tmp_path, _nodes(tmp_path, SOME_FEATURES[1:]))
    run(tmp_path, _nodes(tmp_path))  # with a numeric feature more
    run(tmp_path, _nodes(tmp_path, SOME_FEATURES[:-1], seed=1))  # with a category less
    assert len(artifacts(tmp_path, "Passed")) == 3


def test_too_large_a_quarantine_stops_a_run_before_the_split(tmp_path):
    with pytest.raises(QuarantineError, match=r"100 of 2100 impressions \(4\.762 %\) are quarantined \(100 null_key\)"):
        run(tmp_path, _nodes(tmp_path, quarantined=100))
    assert "TemporalSplit" not in states(tmp_path)
