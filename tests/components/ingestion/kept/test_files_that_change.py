"""A file that changes during a run stops it, and nothing of the changed file is kept."""

import copy
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from components.ingestion.steps import read
from logs.errors import LogError
from logs.times import day_number
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.kept.days import LAST, SHOWN, change_interactions, reached, span
from tests.components.ingestion.kept.world import World
from tests.components.ingestion.random_logs import to_arrow, write_logs
from tests.components.ingestion.some_logs import START, at, impression, user


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path: Path, logs: dict, monkeypatch):
    written = write_logs(logs, tmp_path / "logs", plain=True)
    path = next(Path(written, "users").rglob("*.parquet"))
    load, before = read.load_chunk, path.read_bytes()

    def load_and_change(chunk, *arguments):
        if chunk.table == "users":
            path.write_bytes(to_bytes([user("u0", product="other")]))
        return load(chunk, *arguments)

    with monkeypatch.context() as patched, pytest.raises(LogError, match="changed since the run began"):
        patched.setattr(read, "load_chunk", load_and_change)
        ingest_in_process(written, tmp_path / "out", kept=tmp_path / "kept")
    path.write_bytes(before)
    assert World(tmp_path).ingest(logs).computed == span(SHOWN, LAST)


def test_a_file_that_changes_before_its_rows_are_read_again_leaves_what_is_kept_of_it(
    tmp_path: Path, logs: dict, monkeypatch
):
    world = World(tmp_path)
    world.ingest(logs, compare=False)
    for path in (world.kept / "rows").iterdir():
        path.unlink()
    changed = copy.deepcopy(logs)
    change_interactions(changed)
    written = write_logs(changed, tmp_path / "logs", plain=True)
    facts = {path: path.read_bytes() for path in (world.kept / "facts").iterdir()}
    load = read.load_chunk

    def change_and_load(chunk, *arguments):
        if chunk.table == "impressions":
            ((path, _),) = chunk.parts
            rows = [impression("changed", at(day_number(chunk.day) - START), "u2", episode_id="changed")]
            Path(path).write_bytes(to_bytes(rows, "impressions"))
        return load(chunk, *arguments)

    with monkeypatch.context() as patched, pytest.raises(LogError, match="changed since the run began"):
        patched.setattr(read, "load_chunk", change_and_load)
        ingest_in_process(written, tmp_path / "out", kept=world.kept)
    assert {path: path.read_bytes() for path in facts} == facts
    assert world.ingest(changed).computed == reached(33)


def to_bytes(rows: list[dict], table: str = "users") -> bytes:
    file = io.BytesIO()
    pq.write_table(to_arrow(table, rows, None), file)
    return file.getvalue()
