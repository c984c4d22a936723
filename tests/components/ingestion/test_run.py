"""`coldcast ingest`: through Beam, into files that a person looks at."""

import errno
import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.ingestion.config import IngestionConfig
from components.ingestion.run import ingest
from files.atomic import locked
from logs.errors import LogError, OutputError, QuarantineError
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import random_logs, write_logs
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import Domain
from transforms.features import FEATURES
from transforms.labelled import labelled_schema

BEAM = ("--direct_running_mode=in_memory", "--direct_num_workers=1")


def test_through_beam_the_result_is_the_same_and_lies_where_it_should(tmp_path, monkeypatch):
    monkeypatch.setattr("components.ingestion.compute.buckets.BUCKET_ROWS", 700)
    logs = write_logs(random_logs(3, 12, 0.1), tmp_path / "logs")
    config = IngestionConfig(max_quarantined_fraction=1)
    steps: list[str] = []
    accounting = ingest(logs, str(tmp_path / "out"), config, beam_args=BEAM, progress=steps.append)
    expected = ingest_in_process(logs, tmp_path / "expected", config)
    result = pa.concat_tables([pq.read_table(path) for path in sorted((tmp_path / "out/labelled").glob("*.parquet"))])
    assert result.select(labelled_schema(FEATURES, Domain()).names).schema.equals(labelled_schema(FEATURES, Domain()))
    assert result.equals(expected.labelled)
    assert accounting == expected.accounting.summary() == json.loads((tmp_path / "out/accounting.json").read_text())
    bad = pa.concat_tables([pq.read_table(path) for path in sorted((tmp_path / "out/quarantine").glob("*.parquet"))])
    assert bad.column_names == ["table", "id", "reason"]
    assert sorted((tuple(row.values()) for row in bad.to_pylist()), key=str) == expected.quarantine
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "accounting.json",
        "detail.json",
        "labelled",
        "quarantine",
    ]
    before = ["read", "duplicates", "snapshots", "episodes"]
    assert steps == [*before, "genres", "embeddings", "users", "shows", "counts", "days"]


def test_too_much_quarantine_stops_the_run_and_leaves_quarantine_and_accounting(tmp_path):
    shown = [impression("i", at(0, 1)), impression(None, at(0, 1))]
    logs = write_some(tmp_path / "logs", shown, [], last_day=2)
    out = tmp_path / "out"
    (out / "labelled").mkdir(parents=True)
    (out / "labelled/of-an-earlier-run.parquet").touch()
    with pytest.raises(QuarantineError, match=r"1 of 2 impressions \(50 %\) are quarantined \(1 null_key\)"):
        ingest(logs, str(out), beam_args=BEAM)
    assert json.loads((out / "accounting.json").read_text())["impressions"]["quarantined"] == 1
    assert pq.read_table(out / "quarantine/impressions.parquet").to_pylist() == [
        {"table": "impressions", "id": None, "reason": "null_key"}
    ]
    assert not (out / "labelled").exists(), "labelled rows of an earlier run do not stand beside this one's accounting"


def test_the_result_does_not_depend_on_buckets_chunks_or_files(tmp_path, monkeypatch):
    logs = random_logs(5, 40, 0.1)
    expected = ingest_in_process(write_logs(logs, tmp_path / "a", plain=True), tmp_path / "a-out")
    monkeypatch.setattr("logs.chunks.CHUNK_ROWS", 4)
    monkeypatch.setattr("components.ingestion.compute.buckets.BUCKET_ROWS", 700)
    result = ingest_in_process(write_logs(logs, tmp_path / "b", plain=True), tmp_path / "b-out")
    assert result.labelled.equals(expected.labelled)
    assert result.accounting == expected.accounting
    assert result.quarantine == expected.quarantine


def test_a_failed_run_leaves_an_earlier_result_as_it_was_and_a_killed_one_nothing_in_the_next(tmp_path):
    logs = write_some(tmp_path / "logs", [impression("i", at(0, 1))], [interaction("x", at(0, 2), "click")], last_day=2)
    out = tmp_path / "out"
    (out / ".ingestion/labelled").mkdir(parents=True)
    (out / ".ingestion/labelled/of-a-killed-run.parquet").touch()
    ingest(logs, str(out), beam_args=BEAM)
    assert [path.name for path in (out / "labelled").iterdir()] == ["day-2026-01-01.parquet"]
    before = {path: path.read_bytes() for path in out.rglob("*.*")}
    shutil.rmtree(Path(logs) / "users")
    with pytest.raises(LogError, match="table users is missing"):
        ingest(logs, str(out), beam_args=BEAM)
    assert {path: path.read_bytes() for path in out.rglob("*.*")} == before


@pytest.fixture
def small_logs(tmp_path):
    return write_some(tmp_path / "logs", [impression("i", at(0, 1))], [interaction("x", at(0, 2), "click")], last_day=2)


@pytest.mark.parametrize(
    ("out", "message"), [("file", "is a file; name"), ("file/below", "Not a directory"), ("o[u]t", "read as a pattern")]
)
def test_an_unusable_out_is_refused_before_beam_starts(small_logs, tmp_path, out, message):
    (tmp_path / "file").write_text("mine")
    steps: list[str] = []
    with pytest.raises(OutputError, match=message) as error:
        ingest(small_logs, str(tmp_path / out), beam_args=BEAM, progress=steps.append)
    assert str(tmp_path / out) in str(error.value)
    assert "\n" not in str(error.value)
    assert steps == []
    assert (tmp_path / "file").read_text() == "mine"


def test_an_ingestion_that_is_refused_leaves_the_folder_to_the_other(small_logs, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with locked(out / ".ingestion.lock"):  # held by an ingestion that has written nothing yet
        with pytest.raises(OutputError, match="another ingestion writes to"):
            ingest(small_logs, str(out), beam_args=BEAM)
        assert out.is_dir()


def test_two_ingestions_into_one_folder_do_not_meet(small_logs, tmp_path):
    out, second = str(tmp_path / "out"), []

    def again(_):
        if not second:
            with pytest.raises(OutputError, match="another ingestion writes to") as error:
                ingest(small_logs, out, beam_args=BEAM)
            second.append(str(error.value))

    counted = ingest(small_logs, out, beam_args=BEAM, progress=again)
    assert second == [f"another ingestion writes to {out}; wait until it ends, or name another folder"]
    assert json.loads(Path(out, "accounting.json").read_text()) == counted
    assert ingest(small_logs, out, beam_args=BEAM) == counted


@pytest.mark.parametrize("full", ["for large files", "for all files"])
def test_a_full_disk_inside_a_step_is_one_sentence(small_logs, tmp_path, monkeypatch, full):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    large, every = "components.ingestion.steps.users.write_batches", "files.storage.create_file"
    monkeypatch.setattr(large if full == "for large files" else every, refuse)
    with pytest.raises(OutputError, match="No space left on device; check the path") as error:
        ingest(small_logs, str(tmp_path / "out"), beam_args=BEAM)
    assert str(tmp_path / "out") in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
