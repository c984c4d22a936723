"""Temporary files of the libraries, gone when a command ends.

TensorFlow writes the functions that it traces into files and removes them as the interpreter exits, which ours does not
(`pipeline/command_line/main.py`): a run would leave some sixty of them behind.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def system_folder() -> str:
    """The system's folder for temporary files, in which files outlive the command."""
    return tempfile.gettempdir()


@contextmanager
def own_folder() -> Iterator[None]:
    """Has whatever is temporary, of child processes too, written into one folder, which goes when the block ends.

    Where none can be made, on a full disk, say, the block runs without: much of what it does needs none.
    """
    try:
        system_folder()
        made = tempfile.TemporaryDirectory(prefix="coldcast-", ignore_cleanup_errors=True)
    except OSError:
        yield
        return
    before, given = tempfile.tempdir, os.environ.get("TMPDIR")
    with made as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before
            if given is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = given
