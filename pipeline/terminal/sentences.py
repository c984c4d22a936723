"""Which errors are messages to the user, and how they are said in one sentence."""

import errno
import os
import re
import sys

from pipeline.terminal import quiet

_OF_THE_SYSTEM = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What no program can do anything about: no permission, no room, a broken disk."""

_HINT = "check the path, its permissions and the space on the disk"


def interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C ended what raised `error`: of one that comes within a worker, Beam makes an error of its own."""
    if isinstance(error, KeyboardInterrupt):
        return True
    said = re.search(r"^(RuntimeError: )?KeyboardInterrupt\b", str(error), re.MULTILINE)
    return isinstance(error, RuntimeError) and not quiet.is_ours(error) and said is not None


def sentence_of(error: BaseException) -> str | None:
    """What to tell the user of `error`; None for a bug, which keeps its traceback.

    Told are our own errors, and what the system refuses, whether Python, TensorFlow or Beam says so.
    """
    if quiet.is_ours(error):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        if error.filename:
            return f"{error.strerror}: {error.filename}; {_HINT}"
        return f"{error.strerror}; {_HINT}" if error.errno in _OF_THE_SYSTEM else None
    if tensorflow := sys.modules.get("tensorflow"):  # it raises errors of its own for files
        refused = (tensorflow.errors.PermissionDeniedError, tensorflow.errors.ResourceExhaustedError)
        if isinstance(error, refused):
            return f"{str(error).splitlines()[0]}; {_HINT}"
    # Beam says with its own words what a worker has met.
    met = re.search(r"(?:OSError|PermissionError): \[Errno (\d+)\] ([^\[\n]+)", str(error))
    if met and int(met.group(1)) in _OF_THE_SYSTEM:
        return f"{met.group(2).strip()}; {_HINT}"
    if "database or disk is full" in str(error):  # SQLite's words, which ML Metadata passes on
        return f"{os.strerror(errno.ENOSPC)} for the metadata store; {_HINT}"
    return None
