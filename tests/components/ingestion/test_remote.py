"""Logs, scratch and results may lie on any filesystem that Beam reads."""

from pathlib import Path

import pytest
from apache_beam.io.filesystem import BeamIOError

from components.ingestion.config import IngestionConfig
from components.ingestion.run import ingest
from logs.errors import LogError, OutputError, one_line
from logs.fingerprint import fingerprint
from pipeline.check_logs import check_logs
from tests.components.ingestion.object_store import ObjectStore
from tests.components.ingestion.random_logs import random_logs, write_logs


def test_an_object_store_gives_the_same_files_as_a_disk_and_keeps_no_scratch(tmp_path):
    logs = write_logs(random_logs(4, 4, 0.1), tmp_path / "logs")
    config = IngestionConfig(max_quarantined_fraction=1)
    remote = f"{ObjectStore.scheme()}:/{tmp_path}"
    local = ingest(logs, str(tmp_path / "local"), config)
    for _ in range(2):  # the second replaces the first
        assert ingest(f"{remote}/logs", f"{remote}/remote", config) == local
    assert _files(tmp_path / "remote") == _files(tmp_path / "local")


def test_an_object_stores_logs_are_checked_and_fingerprinted(tmp_path):
    logs = write_logs(random_logs(4, 4, 0.0), tmp_path / "logs")
    remote = f"{ObjectStore.scheme()}:/{logs}"
    assert check_logs(remote).problems == []
    before = fingerprint(remote)
    assert fingerprint(remote) == before
    path = next((Path(logs) / "users").rglob("*.parquet"))
    path.rename(path.with_name("other.parquet"))
    assert fingerprint(remote) != before


def test_a_store_without_a_checksum_is_named_in_one_sentence(tmp_path, monkeypatch):
    def refuse(_self, path):
        raise BeamIOError("Checksum operation failed", {path: PermissionError("not yours")})

    monkeypatch.setattr(ObjectStore, "checksum", refuse)
    logs = write_logs(random_logs(4, 4, 0.0), tmp_path / "logs")
    with pytest.raises(LogError, match=r"objects://.*\.parquet \(and 38 more\) cannot be read: not yours; fix"):
        fingerprint(f"{ObjectStore.scheme()}:/{logs}")


@pytest.mark.parametrize("use", [check_logs, fingerprint])
def test_an_address_without_a_filesystem_is_named_in_one_sentence(use):
    message = r"^nowhere://bucket/impressions cannot be listed: Unable to get filesystem .*; check the address"
    with pytest.raises(LogError, match=message) as error:
        use("nowhere://bucket")
    assert "\n" not in str(error.value)


def test_a_cause_that_is_no_sentence_leaves_beams_own_message():
    for behind in (403, KeyError("size")):
        message = one_line(BeamIOError("Delete operation failed", {"gs://x": behind}))
        assert message.startswith("Delete operation failed with exceptions {'gs://x': ")


def test_a_store_that_cannot_be_listed_is_named_in_one_sentence(monkeypatch):
    def refuse(_self, path):
        raise BeamIOError("List operation failed", {path: PermissionError("not yours\nin many lines")})

    monkeypatch.setattr(ObjectStore, "_list", refuse)
    with pytest.raises(
        LogError, match=r"^objects://x/impressions cannot be listed: not yours; check the address"
    ) as error:
        check_logs("objects://x")
    assert "\n" not in str(error.value)


def test_an_output_without_a_filesystem_is_named_in_one_sentence(tmp_path):
    logs = write_logs(random_logs(4, 4, 0.0), tmp_path / "logs")
    with pytest.raises(OutputError, match=r"^nowhere://bucket is on no filesystem that Beam writes to: Unable to get"):
        ingest(logs, "nowhere://bucket")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
