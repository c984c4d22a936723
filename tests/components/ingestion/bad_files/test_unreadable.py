"""What cannot be read stops the run with one sentence and no traceback."""

import os

import pytest

from components.ingestion.run import ingest
from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.opening import open_logs
from pipeline.check_logs import check_logs
from tests.components.ingestion.bad_files.problems import only_file, problem_of
from transforms.domain import Domain
from transforms.features import FEATURES


def test_a_folder_that_cannot_be_read_is_an_error(logs, monkeypatch):
    locked = str(logs / "interactions" / "date=2026-01-03")
    scandir = os.scandir

    def refuse(path):
        if str(path) == locked:
            raise PermissionError(13, "Permission denied", locked)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    message = f"{locked} cannot be read: Permission denied; fix it or allow to read it"
    for use in (check_logs, lambda path: open_logs(path, FEATURES, Domain()), fingerprint):
        with pytest.raises(LogError) as error:
            use(str(logs))
        assert str(error.value) == message


def test_a_truncated_file(logs):
    path = only_file(logs, "users")
    path.write_bytes(path.read_bytes()[:-20])
    assert f"{path} cannot be read as Parquet" in problem_of(logs)


def test_a_corrupt_page_is_found_before_anything_is_written_and_without_a_traceback_of_beam(logs, tmp_path):
    path = only_file(logs, "users")
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(bytes(data))
    with pytest.raises(LogError, match="cannot be read as Parquet") as error:
        ingest(str(logs), str(tmp_path / "out"))
    assert str(path) in str(error.value)
    assert "Traceback" not in str(error.value)
    assert not (tmp_path / "out").exists()
    assert check_logs(str(logs)).problems
