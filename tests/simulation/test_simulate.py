"""The same seed gives the same bytes; a folder is whole or absent."""

import hashlib
import json
from pathlib import Path

import pytest

import simulation.arrays
import simulation.simulate
from files.errors import FolderError
from simulation.config import SimulationConfig
from simulation.simulate import simulate


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes(tmp_path: Path, small: SimulationConfig) -> None:
    simulate(small.model_copy(update={"seed": 7}), tmp_path / "a")
    simulate(small.model_copy(update={"seed": 7}), tmp_path / "b")
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")


def test_other_seed_other_bytes(tmp_path: Path, small: SimulationConfig) -> None:
    simulate(small.model_copy(update={"seed": 7}), tmp_path / "a")
    simulate(small.model_copy(update={"seed": 8}), tmp_path / "b")
    a, b = _digest(tmp_path / "a"), _digest(tmp_path / "b")
    assert a.keys() == b.keys()
    assert not any(a[name] == b[name] for name in a)


def test_the_world_says_which_config_made_it(tmp_path: Path, small: SimulationConfig) -> None:
    simulate(small, tmp_path / "world")
    about = json.loads((tmp_path / "world" / "world.json").read_text())
    assert SimulationConfig.model_validate(about["config"]) == small
    assert about["config"]["seed"] == 0


def test_the_world_has_two_sources_and_four_outcomes(tmp_path: Path, small: SimulationConfig) -> None:
    simulate(small, tmp_path / "world")
    about = json.loads((tmp_path / "world" / "world.json").read_text())
    assert list(about["intercepts"]) == ["promotion", "ad"]
    assert all(list(row) == ["stream", "click", "like", "follow"] for row in about["intercepts"].values())


def test_bytes_do_not_depend_on_the_size_of_blocks(
    tmp_path: Path, small: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(small.model_copy(update={"seed": 7}), tmp_path / "a")
    monkeypatch.setattr(simulation.arrays, "ROWS_AT_ONCE", 13)
    simulate(small.model_copy(update={"seed": 7}), tmp_path / "b")
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")


def test_progress_counts_days(tmp_path: Path, small: SimulationConfig) -> None:
    seen: list[tuple[int, int]] = []
    simulate(small, tmp_path / "world", lambda done, total: seen.append((done, total)))
    assert seen == [(day, 7) for day in range(8)]


def test_refuses_a_folder_that_is_not_empty(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "mine.txt").write_text("keep")
    with pytest.raises(FolderError, match=r"world exists and is not empty: delete it, or name another folder"):
        simulate(small, tmp_path / "world")
    assert (tmp_path / "world" / "mine.txt").read_text() == "keep"
    assert list(tmp_path.iterdir()) == [tmp_path / "world"]


def test_refuses_a_file(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "world").write_text("")
    with pytest.raises(FolderError, match=r"world is a file: name a folder"):
        simulate(small, tmp_path / "world")


def test_refuses_a_folder_that_cannot_be_written(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match=r"cannot be written"):
        simulate(small, tmp_path / "file" / "world")


def test_takes_an_empty_folder(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "world").mkdir()
    simulate(small, tmp_path / "world")
    assert (tmp_path / "world" / "world.json").exists()


def test_takes_the_empty_working_folder(
    tmp_path: Path, small: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "world").mkdir()
    monkeypatch.chdir(tmp_path / "world")
    simulate(small, ".")
    assert Path("world.json").exists()
    assert list(tmp_path.iterdir()) == [tmp_path / "world"]
    with pytest.raises(FolderError, match=r"\. exists and is not empty"):
        simulate(small, ".")


def test_a_failed_run_leaves_nothing_behind(
    tmp_path: Path, small: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("stop")

    monkeypatch.setattr(simulation.simulate, "_write_truth", fail)
    with pytest.raises(RuntimeError, match="stop"):
        simulate(small, tmp_path / "world")
    assert list(tmp_path.iterdir()) == []


def test_the_rest_of_a_killed_run_is_replaced(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / ".world.partial").mkdir()
    (tmp_path / ".world.partial" / "half.parquet").write_text("half")
    simulate(small, tmp_path / "world")
    assert list(tmp_path.iterdir()) == [tmp_path / "world"]
    assert not (tmp_path / "world" / "half.parquet").exists()


def test_days_with_next_to_nothing_are_written(tmp_path: Path) -> None:
    config = SimulationConfig(
        preset="tiny", seed=3, users=50, shows=50, days=40, warmup_days=0, impressions=100, streams_per_user_day=0.02
    )
    simulate(config, tmp_path / "world")
    for table in ("impressions", "interactions"):
        assert len(list((tmp_path / "world" / table).glob("date=*/*.parquet"))) == 40
