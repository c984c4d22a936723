"""A run that is killed, or that runs beside another, keeps nothing half written."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from files import storage
from files.kept import Kept
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.kept.world import World
from tests.components.ingestion.random_logs import write_logs


@pytest.mark.parametrize(
    ("owner", "name", "calls"),
    [(Kept, "keep", 0), (Kept, "keep", 150), *((storage, "_take_place", calls) for calls in (3, 150, 300))],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_run_that_was_killed_leaves_nothing_half_written(
    tmp_path: Path, logs: dict, owner: object, name: str, calls: int, monkeypatch
):
    world, done = World(tmp_path), 0

    def killed(*arguments: object) -> None:
        nonlocal done
        if done == calls:
            raise KeyboardInterrupt
        done += 1
        function(*arguments)

    function = getattr(owner, name)
    written = write_logs(logs, tmp_path / "logs", plain=True)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(owner, name, killed)
        ingest_in_process(written, tmp_path / "killed", kept=world.kept)
    assert world.ingest(logs).labelled.num_rows > 0
    assert world.ingest(logs, compare=False).computed == set()


def test_two_runs_at_once_keep_the_same(tmp_path: Path, logs: dict):
    written = write_logs(logs, tmp_path / "logs", plain=True)
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(ingest_in_process, written, tmp_path / str(number), kept=tmp_path / "kept") for number in (0, 1)
        ]
        first, second = (run.result() for run in runs)
    assert first.files == second.files
    world = World(tmp_path)
    assert world.ingest(logs).files == first.files
