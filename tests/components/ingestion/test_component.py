"""The TFX component: standard Examples a day, quarantine and accounting, reused while nothing changes."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
import tensorflow as tf
from tfx.types import artifact_utils

from components.ingestion.component import Ingestion
from components.ingestion.config import IngestionConfig
from components.ingestion.fingerprint import fingerprint
from tests.components import runs
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import random_logs, write_logs
from transforms.examples import to_examples
from transforms.features import FEATURES


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ingestion")
    logs = write_logs(random_logs(3, 12, 0.1), folder / "logs")
    run(folder, logs)
    return folder, logs


def run(folder, logs, config=None):
    runs.run(folder, [Ingestion(logs, config or IngestionConfig(), FEATURES, fingerprint(logs))])
    return runs.states(folder)["Ingestion"]


def test_examples_hold_the_labelled_rows_a_split_a_day(ingested, tmp_path):
    folder, logs = ingested
    (artifact,) = runs.artifacts(folder, "Examples")
    splits = artifact_utils.decode_split_names(artifact.properties["split_names"].string_value)
    expected = ingest_in_process(logs, tmp_path).labelled
    day_of = [f"day-{moment.as_py():%Y-%m-%d}" for moment in expected["timestamp"]]
    assert splits == sorted(set(day_of))
    for split in splits:
        files = [str(path) for path in (Path(artifact.uri) / f"Split-{split}").glob("*.gz")]
        found = [record.numpy() for record in tf.data.TFRecordDataset(files, compression_type="GZIP")]
        wanted = to_examples(expected.filter(pa.array([day == split for day in day_of])))
        assert list(map(tf.train.Example.FromString, found)) == list(map(tf.train.Example.FromString, wanted))


def test_quarantine_and_accounting_are_artifacts(ingested, tmp_path):
    folder, logs = ingested
    (accounting,) = runs.artifacts(folder, "Accounting")
    expected = ingest_in_process(logs, tmp_path).accounting.summary()
    assert json.loads((Path(accounting.uri) / "accounting.json").read_text()) == expected
    (quarantine,) = runs.artifacts(folder, "Quarantine")
    assert (Path(quarantine.uri) / "impressions.parquet").exists()
    assert not list(folder.rglob("*.arrow")), "scratch files go with the execution"


def test_it_runs_again_when_the_config_or_a_file_changes_and_only_then(ingested):
    folder, logs = ingested
    assert run(folder, logs) == "cached"
    assert run(folder, logs, IngestionConfig(max_quarantined_fraction=0.5)) == "cached", "the gate's, not ingestion's"
    assert run(folder, logs, IngestionConfig(less_streamed_below=1)) == "complete"
    path = next((Path(logs) / "users").rglob("*.parquet"))
    path.rename(path.with_name("c.parquet"))
    assert run(folder, logs) == "complete"
