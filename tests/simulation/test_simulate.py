"""Same seed, same bytes; whole folders or none."""

import hashlib
from pathlib import Path

import pytest

import simulation.arrays
import simulation.simulate
from simulation.config import SimulationConfig, SimulationError
from simulation.simulate import simulate


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes(tmp_path: Path, small: SimulationConfig) -> None:
    simulate(small, tmp_path / "a", seed=7)
    simulate(small, tmp_path / "b", seed=7)
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")


def test_other_seed_other_bytes(tmp_path: Path, small: SimulationConfig) -> None:
    simulate(small, tmp_path / "a", seed=7)
    simulate(small, tmp_path / "b", seed=8)
    a, b = _digest(tmp_path / "a"), _digest(tmp_path / "b")
    assert a.keys() == b.keys()
    assert not any(a[name] == b[name] for name in a)


def test_bytes_do_not_depend_on_how_many_rows_are_worked_on_at_once(
    tmp_path: Path, small: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(small, tmp_path / "a", seed=7)
    monkeypatch.setattr(simulation.arrays, "ROWS_AT_ONCE", 13)
    simulate(small, tmp_path / "b", seed=7)
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")


def test_progress_counts_days(tmp_path: Path, small: SimulationConfig) -> None:
    seen: list[tuple[int, int]] = []
    simulate(small, tmp_path / "world", 0, lambda done, total: seen.append((done, total)))
    assert seen == [(day, 7) for day in range(8)]


def test_refuses_a_folder_that_is_not_empty(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "mine.txt").write_text("keep")
    with pytest.raises(SimulationError, match=r"world exists and is not empty: delete it, or name another folder"):
        simulate(small, tmp_path / "world", 0)
    assert (tmp_path / "world" / "mine.txt").read_text() == "keep"
    assert list(tmp_path.iterdir()) == [tmp_path / "world"]


def test_refuses_a_file(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "world").write_text("")
    with pytest.raises(SimulationError, match=r"world is a file: name a folder"):
        simulate(small, tmp_path / "world", 0)


def test_refuses_what_cannot_be_written(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimulationError, match=r"cannot be written"):
        simulate(small, tmp_path / "file" / "world", 0)


def test_takes_an_empty_folder(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / "world").mkdir()
    simulate(small, tmp_path / "world", 0)
    assert (tmp_path / "world" / "world.json").exists()


def test_takes_the_empty_folder_that_one_is_in(
    tmp_path: Path, small: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "world").mkdir()
    monkeypatch.chdir(tmp_path / "world")
    simulate(small, ".", 0)
    assert Path("world.json").exists()
    assert list(tmp_path.iterdir()) == [tmp_path / "world"]
    with pytest.raises(SimulationError, match=r"\. exists and is not empty"):
        simulate(small, ".", 0)


def test_a_failed_run_leaves_nothing_behind(
    tmp_path: Path, small: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("stop")

    monkeypatch.setattr(simulation.simulate, "_write_truth", fail)
    with pytest.raises(RuntimeError, match="stop"):
        simulate(small, tmp_path / "world", 0)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_replaced(tmp_path: Path, small: SimulationConfig) -> None:
    (tmp_path / ".world.partial").mkdir()
    (tmp_path / ".world.partial" / "half.parquet").write_text("half")
    simulate(small, tmp_path / "world", 0)
    assert list(tmp_path.iterdir()) == [tmp_path / "world"]
    assert not (tmp_path / "world" / "half.parquet").exists()


def test_refuses_a_negative_seed(tmp_path: Path, small: SimulationConfig) -> None:
    with pytest.raises(SimulationError, match=r"seed -1 is negative: give a whole number from 0 on"):
        simulate(small, tmp_path / "world", -1)


def test_days_with_next_to_nothing_are_written(tmp_path: Path) -> None:
    config = SimulationConfig(
        preset="tiny", users=50, shows=50, days=40, warmup_days=0, impressions=100, streams_per_user_day=0.02
    )
    simulate(config, tmp_path / "world", 3)
    for table in ("impressions", "interactions"):
        assert len(list((tmp_path / "world" / table).glob("date=*/*.parquet"))) == 40
