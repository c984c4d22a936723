"""Digests of files, which are read again only if they may have changed."""

import os
from pathlib import Path

import pytest

from logs import digests
from logs.digests import Digests
from logs.errors import FileError


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read, by name; a file is never too young to be remembered."""
    names: list[str] = []
    read_file = digests._read

    def count(path: str) -> str:
        names.append(Path(path).name)
        return read_file(path)

    monkeypatch.setattr(digests, "_read", count)
    monkeypatch.setattr(digests, "_YOUNG_NS", -1)
    return names


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    return [str(tmp_path / name) for name in ("a", "b")]


def test_a_file_is_read_once(files: list[str], tmp_path: Path, reads: list[str]):
    memory = str(tmp_path / "memory" / "digests.json")
    first = Digests(memory).of(files)
    assert sorted(reads) == ["a", "b"]
    assert Digests(memory).of(files) == first
    assert sorted(reads) == ["a", "b"]
    assert Digests().of(files) == first, "without a memory everything is read"
    assert sorted(reads) == ["a", "a", "b", "b"]


def test_a_changed_touched_or_replaced_file_is_read_again(files: list[str], tmp_path: Path, reads: list[str]):
    memory = str(tmp_path / "digests.json")
    first, _ = Digests(memory).of(files)
    path = Path(files[0])
    status = path.stat()
    path.write_text("c")  # of the same length
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # with the old time, as some tools set it
    changed, _ = Digests(memory).of(files)
    assert changed != first
    path.write_text("a")
    assert Digests(memory).of(files)[0] == first
    reads.clear()
    os.utime(path, (1, 1))
    assert Digests(memory).of(files)[0] == first
    assert reads == ["a"]
    (tmp_path / "other").write_text("d")
    (tmp_path / "other").replace(path)
    assert Digests(memory).of(files)[0] not in (first, changed)


def test_a_file_that_changed_a_moment_ago_is_read_again(
    files: list[str], tmp_path: Path, reads: list[str], monkeypatch
):
    monkeypatch.setattr(digests, "_YOUNG_NS", 10**12)
    memory = str(tmp_path / "digests.json")
    for _ in range(2):
        Digests(memory).of(files)
    assert sorted(reads) == ["a", "a", "b", "b"]


def test_a_damaged_memory_costs_time_only(files: list[str], tmp_path: Path, reads: list[str]):
    memory = tmp_path / "digests.json"
    first = Digests(str(memory)).of(files)
    memory.write_text("{")
    assert Digests(str(memory)).of(files) == first
    assert sorted(reads) == ["a", "a", "b", "b"]


def test_a_file_that_cannot_be_read_says_why(files: list[str], tmp_path: Path):
    gone = str(tmp_path / "gone")
    digest, problem = Digests().of([files[0], gone])
    assert isinstance(digest, str)
    assert isinstance(problem, FileError)
    assert str(problem).startswith(f"{gone} cannot be read: No such file or directory")
