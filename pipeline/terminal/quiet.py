"""Keeps messages of libraries off the screen and writes them to a log file."""

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from files.packages import written_by_us
from pipeline.terminal import scratch
from transforms.errors import UserError

_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "GRPC_VERBOSITY": "NONE",
    "ABSL_MIN_LOG_LEVEL": "3",
}


def before_imports() -> None:
    """Sets environment variables that TensorFlow, gRPC, and absl read at import; values that the user has set stay."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def writable(path: Path) -> Path:
    """`path`, or a file of the same name in the system's temporary folder if `path` cannot be written.

    For commands that only read. They must work in a folder that nobody may write, and must not make a run's folder.

    Args:
        path: a file in a subfolder of a run's folder.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab"):
            return path
    except OSError:
        return Path(scratch.system_folder()) / f"coldcast-{os.getuid()}-{path.name}"


@contextmanager
def into(path: Path) -> Iterator[Path]:
    """Sends everything but `sys.stdout` to the file `path`: C++ output, logging, warnings of other packages.

    The traceback of an error that ends the block goes there too, unless it is a `UserError`. Warnings of our own code
    stay on the screen.
    """
    before_imports()
    path.parent.mkdir(parents=True, exist_ok=True)
    from absl import logging as absl_logging

    root = logging.getLogger()
    with path.open("a", buffering=1, encoding="utf-8", errors="backslashreplace") as log:
        screen = sys.stderr
        stderr_copy = os.dup(2)
        handler = logging.StreamHandler(log)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handlers, level, show = root.handlers[:], root.level, warnings.showwarning
        os.dup2(log.fileno(), 2)
        sys.stderr = log
        root.handlers[:] = [handler]
        root.setLevel(logging.INFO)
        # TensorFlow sets absl's level while it saves a model, then restores the level that was set explicitly.
        absl_logging.set_verbosity(absl_logging.INFO)
        warnings.showwarning = _to(log, show)
        try:
            yield path
        except Exception as error:
            if not isinstance(error, UserError):  # the screen may show only one sentence of it
                traceback.print_exc(file=log)
            raise
        finally:
            sys.stderr.flush()
            sys.stderr = screen
            os.dup2(stderr_copy, 2)
            os.close(stderr_copy)
            root.handlers[:] = handlers
            root.setLevel(level)
            warnings.showwarning = show


def _to(log: Any, show: Any) -> Any:
    def showwarning(
        message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        if written_by_us(filename):
            show(message, category, filename, lineno, file or sys.stdout, line)
        else:
            log.write(warnings.formatwarning(message, category, filename, lineno, line))

    return showwarning
