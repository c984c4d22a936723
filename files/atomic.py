"""Writes that are whole or absent: a reader, or a run after a kill, never sees half a file or half a folder.

On a local disk, content is written under a temporary name and renamed at the end. An object store shows a file only
when it is complete, so there files are written directly, and the last file of a folder says that the folder is whole.
A folder that exists and is empty is filled entry by entry: a kill in that moment leaves some of the entries.
"""

import contextlib
import errno
import os
import posixpath
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from files.errors import FolderError, InUseError
from files.paths import is_local

PARTIAL_FILE = re.compile(r"\.[0-9a-f]{32}\.partial")
"""Names of the files that a killed `write_file` leaves, which other files do not have."""


def partial_name() -> str:
    """A new name like `PARTIAL_FILE`."""
    return f".{uuid.uuid4().hex}.partial"


_NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)


def write_file(path: str | Path, data: bytes | str, *, durable: bool = False) -> None:
    """Writes `data` to `path`, over what was there; text as UTF-8. The folder need not exist.

    If the write fails, the old content stays. Of several writers the last one wins. A killed process leaves a file
    named like `PARTIAL_FILE` beside `path`.

    Args:
        path: a local path, or the address of a file in an object store.
        data: the whole content.
        durable: whether the file must survive a loss of power from the moment that this returns (local disks only).

    Raises:
        OSError: the file cannot be written; for addresses an error of TensorFlow's filesystems.
    """
    content = data.encode() if isinstance(data, str) else data
    if not is_local(str(path)):
        _write_remote(str(path), content)
        return
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = final.with_name(partial_name())
    try:
        with open(partial, "xb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(final)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if durable:
        _sync(final.parent)


@contextlib.contextmanager
def new_folder(path: str | Path, *, last: str = "", durable: bool = False) -> Iterator[Path]:
    """A local folder to write in, which becomes `path` when the block ends. If the block fails, nothing is left.

    It first removes the leftovers of a killed process. A folder that does not exist yet appears by one rename. An empty
    folder that exists stays the same folder, because it may be a mounted disk or the place where a shell is; it is
    filled at the end. In an object store, files are copied at the end, `last` after all others.

    Args:
        path: a local folder, or the address of one in an object store.
        last: the file, relative to the folder, by which readers see that a folder in an object store is whole.
        durable: whether the folder must survive a loss of power from the moment that the block ends (local disks only).

    Raises:
        FolderError: `path` is a file, is not empty, or cannot be written.
        InUseError: another process is writing this folder.
    """
    if not is_local(str(path)):
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
            _copy_remote(folder, str(path), last)
        return
    final = Path(path).resolve()  # "." has no name
    _check_free(final, path)
    inside = final.is_dir()
    partial = final / ".partial" if inside else final.with_name(f".{final.name}.partial")
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(f"{partial}.lock", wait=False))
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            for entry in final.iterdir() if inside else ():
                if PARTIAL_FILE.fullmatch(entry.name):
                    entry.unlink()
        except InUseError:
            raise InUseError(
                f"Another process is writing {path}: wait until it ends, or name another folder."
            ) from None
        except OSError as error:
            raise FolderError(f"{path} cannot be written ({error.strerror}): name another folder.") from error
        try:
            yield partial
            _check_free(final, path)
            if durable:
                _sync_below(partial)
            if inside:
                for entry in sorted(partial.iterdir()):
                    entry.rename(final / entry.name)
            else:
                partial.rename(final)
            if durable:
                _sync(final if inside else final.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextlib.contextmanager
def locked(path: str | Path, *, wait: bool = True) -> Iterator[None]:
    """Keeps other processes and threads out of blocks with the same lock file `path`.

    The system frees the lock when a process dies, and the file goes with the block. Object stores and some
    filesystems have no locks: there it keeps nobody out.

    Args:
        path: the lock file, which need not exist; an address of an object store locks nothing.
        wait: whether to wait for the lock.

    Raises:
        InUseError: the lock is held, and `wait` is False.
        OSError: the lock file cannot be made.
    """
    if not is_local(str(path)):
        yield
        return
    # Without the fall-back, whose marker file would stay after a kill and keep everybody out.
    lock = FileLock(path, blocking=wait, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise InUseError(f"Another process holds {path}: wait until it ends.") from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        Path(path).unlink(missing_ok=True)
        yield
        return
    try:
        yield
    finally:
        Path(path).unlink(missing_ok=True)  # before the release, so that waiting processes lock a new file
        lock.release()


def _check_free(final: Path, name: str | Path) -> None:
    """Refuses a file, and a folder that holds anything but what this module leaves in it when it is killed."""
    if final.exists() and not final.is_dir():
        raise FolderError(f"{name} is a file: name a folder that does not exist yet.")
    names = [entry.name for entry in final.iterdir()] if final.is_dir() else []
    if any(name not in (".partial", ".partial.lock") and not PARTIAL_FILE.fullmatch(name) for name in names):
        raise FolderError(f"{name} exists and is not empty: delete it, or name another folder.")


def _sync_below(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            _sync(Path(parent, name))
        _sync(Path(parent))


def _sync(path: Path) -> None:
    """Returns once the file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_remote(path: str, content: bytes) -> None:
    from tfx.dsl.io import fileio  # here, since it imports TensorFlow, which local files do not need

    with fileio.open(path, "wb") as file:
        file.write(content)


def _copy_remote(folder: str, path: str, last: str) -> None:
    from tfx.dsl.io import fileio

    names = [file.relative_to(folder).as_posix() for file in Path(folder).rglob("*") if file.is_file()]
    for name in sorted(names, key=lambda name: (name == last, name)):
        fileio.makedirs(posixpath.dirname(posixpath.join(path, name)))
        fileio.copy(posixpath.join(folder, name), posixpath.join(path, name), overwrite=True)
