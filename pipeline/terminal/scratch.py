"""A folder for the temporary files of libraries, removed when a command ends.

TensorFlow writes each function that it traces into a file, and removes the files when the interpreter exits. Our
commands end before that (`pipeline/command_line/main.py`), so a run would leave about sixty files behind.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def system_folder() -> str:
    """The system's folder for temporary files. Files there outlive the command."""
    return tempfile.gettempdir()


@contextmanager
def own_folder() -> Iterator[None]:
    """Puts all temporary files, also those of child processes, into one folder, and removes it when the block ends.

    If no folder can be made, for example on a full disk, the block runs without one: many commands need none.
    """
    try:
        system_folder()
        temporary = tempfile.TemporaryDirectory(prefix="coldcast-", ignore_cleanup_errors=True)
    except OSError:
        yield
        return
    before, from_user = tempfile.tempdir, os.environ.get("TMPDIR")
    with temporary as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before
            if from_user is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = from_user
