import errno
import fcntl
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from files import atomic
from files.atomic import locked, new_folder, write_file
from files.errors import FolderError, InUseError

SPAWN = multiprocessing.get_context("spawn")


@pytest.mark.parametrize(
    ("data", "content"), [("größer\n", b"gr\xc3\xb6\xc3\x9fer\n"), (b"\xff\x00", b"\xff\x00"), ("", b"")]
)
@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_written_over_what_was_there_and_in_a_new_folder(tmp_path, data, content, durable):
    path = tmp_path / "new" / "file"
    for _ in range(2):
        write_file(path, data, durable=durable)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_file_keeps_its_content_when_a_write_fails(tmp_path, monkeypatch):
    write_file(tmp_path / "file", "old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(tmp_path / "file", "new", durable=True)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_of_concurrent_writers_one_is_there_whole(tmp_path):
    texts = [str(number) * 300_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_file(tmp_path / "file", text), texts))
    assert (tmp_path / "file").read_text() in texts
    assert len(list(tmp_path.iterdir())) == 1


def test_the_mode_of_a_file_is_that_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    write_file(tmp_path / "file", "")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_appears_when_the_block_ends(tmp_path):
    with new_folder(tmp_path / "a" / "folder", durable=True) as folder:
        (folder / "below").mkdir()
        (folder / "below" / "file").write_text("text")
        assert not (tmp_path / "a" / "folder").exists()
    assert (tmp_path / "a" / "folder" / "below" / "file").read_text() == "text"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["folder"]


def test_an_empty_folder_stays_the_same_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    with new_folder(".") as folder:
        (folder / "file").write_text("text")
        assert not (tmp_path / "file").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert tmp_path.stat().st_ino == before


@pytest.mark.parametrize("exists", [True, False])
def test_a_failed_block_leaves_nothing(tmp_path, exists):
    if exists:
        (tmp_path / "folder").mkdir()
    before = list(tmp_path.rglob("*"))
    with pytest.raises(RuntimeError, match="stop"), new_folder(tmp_path / "folder") as folder:
        (folder / "file").write_text("half")
        raise RuntimeError("stop")
    assert list(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("exists", [True, False])
def test_a_killed_process_leaves_nothing_under_the_final_name_and_the_next_one_cleans_up(tmp_path, exists):
    if exists:
        (tmp_path / "folder").mkdir()
    process = SPAWN.Process(target=_write_half_and_die, args=(tmp_path / "folder",))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "folder" / "half").exists()
    with new_folder(tmp_path / "folder") as folder:
        (folder / "whole").write_text("whole")
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["folder", "folder/whole"]


def _write_half_and_die(path: Path) -> None:
    with new_folder(path) as folder:
        (folder / "half").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_write_of_a_file_leaves_keeps_no_folder_from_being_filled(tmp_path):
    process = SPAWN.Process(target=_write_a_file_and_die, args=(tmp_path / "file",))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.read_text() == "half"
    with new_folder(tmp_path) as folder:
        (folder / "whole").write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def _write_a_file_and_die(path: Path) -> None:
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment]
    write_file(path, "half")


def test_a_file_and_a_folder_with_content_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("mine")
    for name, message in (("file", "is a file: name"), ("folder", "exists and is not empty"), ("file/b", "cannot be")):
        with pytest.raises(FolderError, match=message), new_folder(tmp_path / name):
            pytest.fail("the block must not run")
    assert (tmp_path / "file").read_text() == (tmp_path / "folder" / "mine").read_text() == "mine"


def test_a_folder_that_another_one_filled_meanwhile_is_kept(tmp_path):
    with pytest.raises(FolderError, match="exists and is not empty"), new_folder(tmp_path / "folder") as folder:
        (folder / "file").write_text("second")
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").write_text("first")
    assert (tmp_path / "folder" / "file").read_text() == "first"


def test_two_writers_of_one_folder_do_not_meet(tmp_path):
    with new_folder(tmp_path / "folder") as folder:
        (folder / "file").write_text("first")
        with (
            pytest.raises(InUseError, match=r"Another process is writing .*/folder: wait"),
            new_folder(tmp_path / "folder"),
        ):
            pytest.fail("the block must not run")
    assert (tmp_path / "folder" / "file").read_text() == "first"


def test_in_an_object_store_the_last_file_comes_last(tmp_path, monkeypatch):
    from tfx.dsl.io import fileio  # here, since each killed process imports this module

    monkeypatch.setattr(atomic, "is_local", lambda path: not path.startswith(str(tmp_path)))
    copied = []
    copy = fileio.copy

    def noting(source, to, **_):
        copied.append(to)
        copy(source, to)

    monkeypatch.setattr(fileio, "copy", noting)
    with new_folder(tmp_path / "store", last="a.pb") as folder:
        (folder / "z").mkdir()
        for name in ("a.pb", "b", "z/c"):
            (folder / name).write_text(name)
        assert not (tmp_path / "store").exists()
    assert copied == [f"{tmp_path}/store/{name}" for name in ("b", "z/c", "a.pb")]
    assert (tmp_path / "store" / "z" / "c").read_text() == "z/c"
    write_file(tmp_path / "store" / "b", "new")
    assert (tmp_path / "store" / "b").read_text() == "new"


def test_a_lock_lets_one_in_at_a_time_and_leaves_no_file(tmp_path):
    inside, most = 0, []
    counting = threading.Lock()

    def work(_):
        nonlocal inside
        for _ in range(20):
            with locked(tmp_path / "lock"):
                with counting:
                    inside += 1
                    most.append(inside)
                with counting:
                    inside -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert most == [1] * 80
    assert list(tmp_path.iterdir()) == []


def test_a_held_lock_is_an_error_for_those_that_do_not_wait(tmp_path):
    refused = pytest.raises(InUseError, match=r"holds .*/lock: wait")
    with locked(tmp_path / "lock"), refused, locked(tmp_path / "lock", wait=False):
        pytest.fail("the block must not run")
    with locked(tmp_path / "lock", wait=False):
        pass


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_where_there_are_no_locks_the_block_runs_and_keeps_nobody_out(tmp_path, monkeypatch, number):
    def no_locks(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with locked(tmp_path / "lock", wait=False), locked(tmp_path / "lock", wait=False), locked("gs://bucket/lock"):
        (tmp_path / "done").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["done"]
