"""The TFX component: standard Examples a day, quarantine and accounting, reused while nothing changes."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
import tensorflow as tf
from tfx.types import artifact_utils

from components.ingestion.component import Ingestion
from components.ingestion.config import IngestionConfig
from components.ingestion.feature_list import features_from_json, features_to_json
from components.ingestion.outputs.ids import read_ids
from components.ingestion.outputs.manifest import MANIFEST, read_manifest
from components.split.artifacts import LOGS
from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.location import read_location, write_location
from tests.components import runs
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import random_logs, write_logs
from transforms.domain import Domain, Label
from transforms.examples import to_examples
from transforms.feature import Feature
from transforms.features import FEATURES


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ingestion")
    logs = write_logs(random_logs(3, 12, 0.1), folder / "logs")
    run(folder, logs)
    return folder, logs, {name: runs.artifacts(folder, name) for name in ("Examples", "Accounting", "Quarantine")}


def run(folder, logs, config=None, domain=None, kept=""):
    location = write_location(logs, fingerprint(logs), str(folder / "locations"))
    runs.run(folder, [Ingestion(location, config or IngestionConfig(), domain or Domain(), FEATURES, kept)])
    return runs.states(folder)["Ingestion"]


def files_of(folder, type_name):
    """The files of the newest artifact of a type, by path in it."""
    uri = Path(runs.artifacts(folder, type_name)[-1].uri)
    return {str(path.relative_to(uri)): path for path in uri.rglob("*") if path.is_file()}


def content_of(path):
    """The ids of a file, or its tf.Examples, whose serialized form has the features in no fixed order."""
    if path.suffix == ".parquet":
        return read_ids(str(path))
    records = tf.data.TFRecordDataset([str(path)], compression_type="GZIP")
    return [tf.train.Example.FromString(record.numpy()) for record in records]


def test_examples_hold_the_labelled_rows_a_split_a_day(ingested, tmp_path):
    _, logs, artifacts = ingested
    (artifact,) = artifacts["Examples"]
    splits = artifact_utils.decode_split_names(artifact.properties["split_names"].string_value)
    expected = ingest_in_process(logs, tmp_path).labelled.drop(["stream_tier", "less_streamed"])
    day_of = [f"day-{moment.as_py():%Y-%m-%d}" for moment in expected["timestamp"]]
    assert splits == sorted(set(day_of))
    assert artifact.custom_properties[LOGS].string_value == fingerprint(logs)
    for split in splits:
        (path,) = (Path(artifact.uri) / f"Split-{split}").glob("*.gz")
        wanted = to_examples(expected.filter(pa.array([day == split for day in day_of])))
        assert content_of(path) == list(map(tf.train.Example.FromString, wanted))


def test_quarantine_and_accounting_are_artifacts(ingested, tmp_path):
    folder, logs, artifacts = ingested
    (accounting,) = artifacts["Accounting"]
    expected = ingest_in_process(logs, tmp_path).accounting.summary()
    assert json.loads((Path(accounting.uri) / "accounting.json").read_text()) == expected
    (quarantine,) = artifacts["Quarantine"]
    assert (Path(quarantine.uri) / "impressions.parquet").exists()
    assert not list(folder.rglob("*.arrow")), "scratch files go with the execution"


def test_one_more_day_gives_the_files_of_a_run_from_nothing_and_links_those_that_were_kept(tmp_path):
    logs = random_logs(3, 8, 0.0)
    last = max(logs["impressions"])
    earlier = {table: {day: files for day, files in days.items() if day != last} for table, days in logs.items()}
    kept = str(tmp_path / "kept")
    daily, fresh = tmp_path / "daily", tmp_path / "fresh"
    run(daily, write_logs(earlier, tmp_path / "logs", plain=True), kept=kept)
    before = files_of(daily, "Examples")
    run(daily, write_logs(logs, tmp_path / "logs", plain=True), kept=kept)
    run(fresh, str(tmp_path / "logs"))
    for type_name in ("Accounting", "Quarantine"):
        ours, theirs = (files_of(folder, type_name) for folder in (daily, fresh))
        assert {name: path.read_bytes() for name, path in ours.items() if name != MANIFEST} == {
            name: path.read_bytes() for name, path in theirs.items() if name != MANIFEST
        }
    after, expected = (files_of(folder, "Examples") for folder in (daily, fresh))
    assert {name: content_of(path) for name, path in after.items()} == {
        name: content_of(path) for name, path in expected.items()
    }
    shared = {name for name in before if before[name].samefile(after[name])}
    assert len(shared) >= len(before) - 1 > 1, "all days but the one whose impressions became mature"
    manifest = read_manifest(str(files_of(daily, "Accounting")[MANIFEST].parent))
    links = [path for path in Path(kept, "days").glob("*.gz*") if f"days/{path.name.split('.')[0]}" in manifest]
    assert len(links) == len(after)


def test_it_runs_again_only_when_the_labels_or_a_file_change(ingested):
    folder, logs, _ = ingested
    assert run(folder, logs) == "cached"
    assert run(folder, logs, IngestionConfig(max_quarantined_fraction=0.5)) == "cached", "the gate's, not ingestion's"
    shorter = Domain(labels=Domain().labels | {"click": Label(kind="click", window_hours=12)})
    assert run(folder, logs, domain=shorter) == "complete"
    shutil.copytree(logs, folder / "elsewhere")
    assert run(folder, str(folder / "elsewhere")) == "cached"
    path = next((folder / "elsewhere" / "users").rglob("*.parquet"))
    path.rename(path.with_name("c.parquet"))
    assert run(folder, str(folder / "elsewhere")) == "complete"


def test_logs_that_change_after_their_fingerprint_was_taken_are_refused_and_never_cached(tmp_path):
    logs = write_logs(random_logs(3, 12, 0.1), tmp_path / "logs")
    location = write_location(logs, fingerprint(logs), str(tmp_path / "locations"))
    file = next((tmp_path / "logs" / "users").rglob("*.parquet"))
    moved = file.rename(file.with_name("other.parquet"))
    with pytest.raises(LogError, match="changed since the run began; run again"):
        runs.run(tmp_path, [Ingestion(location, IngestionConfig(), Domain(), FEATURES)])
    assert runs.states(tmp_path)["Ingestion"] == "failed"
    moved.rename(file)
    assert run(tmp_path, logs) == "complete"


def test_where_logs_lie_is_written_anew_under_the_same_name(tmp_path):
    path = write_location("here/logs", "f1", str(tmp_path))
    assert read_location(path) == ("here/logs", "f1")
    assert write_location("/there", "f1", str(tmp_path)) == path
    assert read_location(path) == ("/there", "f1")
    assert write_location("/there", "f2", str(tmp_path)) != path
    assert sorted(file.name for file in tmp_path.iterdir()) == ["f1.txt", "f2.txt"]


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ({"group": "content", "per": "candidate", "source": "ad", "log": True, "buckets": 7, "length": 3}, False),
        ({"kind": "hashed"}, True),
        ({"column": "users.other"}, True),
        ({"name": "other"}, True),
        ({"kind": "categories", "length": 1}, True),
    ],
)
def test_only_what_ingestion_reads_of_a_feature_is_in_the_key(change, read):
    before = {"name": "mood", "group": "user", "kind": "numeric", "column": "users.mood", "per": "request"}
    before |= {"kind": "categories", "length": 2} if change.get("kind") == "categories" else {}
    old, new = (Feature.model_validate(values) for values in (before, before | change))
    assert (features_to_json((old,)) != features_to_json((new,))) == read


def test_a_feature_comes_back_with_all_that_ingestion_reads():
    for feature, back in zip(FEATURES, features_from_json(features_to_json(FEATURES)), strict=True):
        assert (back.name, back.kind, back.column) == (feature.name, feature.kind, feature.column)
        assert feature.kind not in ("categories", "vector") or back.length == feature.length
