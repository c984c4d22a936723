"""Turns errors that a user can put right into one sentence each."""

import errno
import os
import re
import sys

from transforms.errors import UserError

_REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Errors of the system that no program can fix: no permission, no space, a broken disk."""

_HINT = "check the path, its permissions and the space on the disk"


def interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C caused `error`. Beam raises a `RuntimeError` for a Ctrl-C that reaches one of its workers."""
    if isinstance(error, KeyboardInterrupt):
        return True
    named = re.search(r"^(RuntimeError: )?KeyboardInterrupt\b", str(error), re.MULTILINE)
    return isinstance(error, RuntimeError) and not isinstance(error, UserError) and named is not None


def sentence_of(error: BaseException) -> str | None:
    """The message of `error` to the user; None for a bug, which keeps its traceback.

    These have a message: a `UserError`, and a refusal of the system that Python, TensorFlow, Beam or SQLite reports.
    """
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        if error.filename:
            return f"{error.strerror}: {error.filename}; {_HINT}"
        return f"{error.strerror}; {_HINT}" if error.errno in _REFUSALS else None
    if tensorflow := sys.modules.get("tensorflow"):  # it has its own errors for files
        refusals = (tensorflow.errors.PermissionDeniedError, tensorflow.errors.ResourceExhaustedError)
        if isinstance(error, refusals):
            return f"{str(error).splitlines()[0]}; {_HINT}"
    # Beam puts the error of a worker into the message of its own.
    of_worker = re.search(r"(?:OSError|PermissionError): \[Errno (\d+)\] ([^\[\n]+)", str(error))
    if of_worker and int(of_worker.group(1)) in _REFUSALS:
        return f"{of_worker.group(2).strip()}; {_HINT}"
    if "database or disk is full" in str(error):  # SQLite's words, which ML Metadata passes on
        return f"{os.strerror(errno.ENOSPC)} for the metadata store; {_HINT}"
    return None
