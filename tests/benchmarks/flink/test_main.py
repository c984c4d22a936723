"""The same config runs twice, on Flink and on the local runner, and any difference is an error."""

import contextlib
import sys
import types
from pathlib import Path

import pytest

from benchmarks.flink import __main__ as program
from benchmarks.flink.diff import Diff


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands of Coldcast that the program would run."""
    commands: list[tuple[str, ...]] = []

    @contextlib.contextmanager
    def flink(folder: Path, parallelism: int):
        yield (f"--parallelism={parallelism}",)
        commands.append(("flink ends",))

    def coldcast(log: Path, command: str, config: str, overrides: list[str], *options: str) -> None:
        commands.append((command, config, *overrides, *options))

    monkeypatch.setattr(program, "flink", flink)
    monkeypatch.setattr(program, "_coldcast", coldcast)
    monkeypatch.setattr(program, "find_run", lambda config: config.root)
    return commands


def compare_as(monkeypatch: pytest.MonkeyPatch, second: int) -> None:
    def compare(on_flink: str, local: str):
        line = Diff(f"{Path(on_flink).name} and {Path(local).name}")
        line.add("rows", 1, second)
        yield line

    monkeypatch.setitem(sys.modules, "benchmarks.flink.comparison", types.SimpleNamespace(compare=compare))


def test_both_runs_have_the_same_config_and_logs_and_roots_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: list[tuple[str, ...]]
):
    compare_as(monkeypatch, 1)
    assert program._run("tiny", tmp_path, 2)
    logs = f"logs={tmp_path}/logs"
    assert commands == [
        ("simulate", "tiny", logs),
        ("run", "tiny", logs, f"root={tmp_path}/flink", 'beam.args=["--parallelism=2"]', "--no-sample"),
        ("flink ends",),
        ("run", "tiny", logs, f"root={tmp_path}/local", "--no-sample"),
    ]


def test_a_difference_is_printed_and_is_the_result(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commands: list[tuple[str, ...]],
    capsys: pytest.CaptureFixture[str],
):
    compare_as(monkeypatch, 2)
    assert not program._run("tiny", tmp_path, 2)
    assert "flink and local: rows: 1 and 2" in capsys.readouterr().out
