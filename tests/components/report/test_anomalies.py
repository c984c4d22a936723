"""What the validators measured, as records."""

from pathlib import Path

from components.report.anomalies import read_anomalies, read_drift, was_made
from components.report.data import Anomaly, Drift
from tests.components.report.artifacts import write_anomalies


def test_distances_are_read_with_their_limits_those_closest_to_it_first(tmp_path: Path):
    uri = write_anomalies(tmp_path / "anomalies", "SplitPair-test_train")
    measured = [
        (drift.feature, drift.measure, round(drift.distance, 6), round(drift.limit, 6))
        for drift in read_drift("check", uri)
    ]
    assert measured == [("device", "L-infinity", 0.3, 0.1), ("user_hours", "Jensen-Shannon", 0.02, 0.25)]
    assert all(isinstance(drift, Drift) and drift.check == "check" for drift in read_drift("check", uri))


def test_an_anomaly_names_the_check_the_splits_and_the_feature(tmp_path: Path):
    uri = write_anomalies(tmp_path / "anomalies", "SplitPair-test_train")
    assert list(read_anomalies("check", uri)) == [
        Anomaly("check (test_train)", "device", "The L-infinity distance is 0.3, above 0.1.")
    ]


def test_a_comparison_that_did_not_take_place_has_neither(tmp_path: Path):
    assert list(read_anomalies("check", str(tmp_path))) == []
    assert read_drift("check", str(tmp_path)) == []
    assert not was_made(str(tmp_path))


def test_the_schema_is_a_check_without_distances(tmp_path: Path):
    (tmp_path / "Split-train").mkdir()
    (tmp_path / "Split-train" / "SchemaDiff.pb").touch()
    assert was_made(str(tmp_path))
    (tmp_path / "Split-train").rename(tmp_path / "SplitPair-train_train")
    assert not was_made(str(tmp_path)), "a comparison that is switched off"
