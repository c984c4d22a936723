"""A clean-up that is killed harms no run, and the next one finishes it and removes what killed runs left."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from files.removal import remove
from pipeline import cleaning
from pipeline.cleaning import KEPT_KINDS, clean
from pipeline.configuration.config import Config
from pipeline.runs import list_runs
from tests.pipeline.cleaning.daily import Daily
from tests.pipeline.cleaning.nodes import folders, model_nodes, run


def clean_killed_after(monkeypatch: pytest.MonkeyPatch, config: Config, count: int) -> list[Path]:
    """A clean-up that is killed when it has removed the first `count` files and folders; the paths that it had left."""
    left: list[Path] = []

    def killed(paths: Sequence[Path]) -> None:
        remove(paths[:count])
        left.extend(paths[count:])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(cleaning, "remove", killed)
        clean(config, 1)
    return left


def test_a_killed_clean_up_leaves_no_record_without_its_files(config: Config, monkeypatch):
    daily = Daily(config)
    for last_day in (4, 5, 6):
        daily.run(last_day)
    kept = Path(config.home, "kept")
    assert {path.parent.name for path in kept.glob("*/*") if path.is_file()} == set(KEPT_KINDS), (
        "a clean-up looks at every kind"
    )
    # The files of each record that is kept; several kinds have some.
    records = {path: files_of(path) for path in kept.glob("*/*.json")}
    would = clean(config, 1, dry_run=True)
    assert would.results > 0
    count = 0
    while clean_killed_after(monkeypatch, config, count):
        present = {record: files for record, files in records.items() if record.exists()}
        assert present == {record: files_of(record) for record in present}
        count = 1
    assert len(records) - len(list(kept.glob("*/*.json"))) > 0
    assert daily.run(7).state == "complete"


def files_of(record: Path) -> set[str]:
    """The names of the files of a kept result."""
    return {path.name for path in record.parent.glob(f"{record.stem}*") if path != record}


def test_a_clean_up_that_was_killed_is_finished_by_the_next(config: Config, monkeypatch):
    run(config, model_nodes(1, good=False))
    run(config, model_nodes(2, good=False))
    clean_killed_after(monkeypatch, config, 0)
    assert run(config, model_nodes(1, good=False)).state == "complete", "files of removed artifacts are not used again"
    first = list_runs(config)[0]
    assert all(folders(first).values())
    clean(config, 2)
    assert not any(folders(first).values())


def test_left_overs_of_killed_runs_go_and_results_of_the_newest_run_stay(config: Config):
    daily = Daily(config)
    run_of_day = daily.run(4)
    kept = Path(config.home, "kept")
    partial = kept / "days" / f".{'0' * 32}.partial"
    old, new = (kept / "days" / f"{digit * 32}.json" for digit in "12")
    for path in (partial, old, new):
        path.write_text("{}")
    os.utime(old, (1, 1))
    scratch = Path(config.home, "artifacts/Ingestion/.system/executor_execution/1/.temp")
    scratch.mkdir(parents=True)
    removed = clean(config, 1)
    assert (removed.results, removed.files) == (1, 2 + 1)
    assert not partial.exists()
    assert not old.exists()
    assert new.exists(), "a killed run may have written it"
    assert not scratch.exists()
    assert all(folders(run_of_day).values())
