"""Keeps the libraries' noise off the screen and in a log file; the screen is ours."""

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.terminal import scratch

OUR_PACKAGES = (
    "pipeline",
    "components",
    "transforms",
    "models",
    "serving",
    "simulation",
    "logs",
    "files",
    "experiments",
)

_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "GRPC_VERBOSITY": "NONE",
    "ABSL_MIN_LOG_LEVEL": "3",
}


def before_imports() -> None:
    """Sets what TensorFlow, gRPC and absl read when they are imported; what the user set stays."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def is_ours(error: BaseException) -> bool:
    """Whether `error` is a message to the user: its class is defined in one of our packages. All others are bugs."""
    return type(error).__module__.split(".")[0] in OUR_PACKAGES


def written_by_us(filename: str) -> bool:
    """Whether a source file is of one of our packages."""
    return "site-packages" not in filename and any(f"{os.sep}{name}{os.sep}" in filename for name in OUR_PACKAGES)


def writable(path: Path) -> Path:
    """`path`, a file in a folder of a run's folder, or a file of its name in the system's temporary folder.

    The latter where the run's folder is not there or cannot be written: for commands that only read, and are to leave
    nothing behind where nothing has run.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab"):
            return path
    except OSError:
        return Path(scratch.system_folder()) / f"coldcast-{os.getuid()}-{path.name}"


@contextmanager
def into(path: Path) -> Iterator[Path]:
    """Sends everything but what goes to `sys.stdout` to `path`: C++ output, logging, warnings of other packages.

    The traceback of an error that ends the block and is none of ours goes there, too.
    """
    before_imports()
    path.parent.mkdir(parents=True, exist_ok=True)
    from absl import logging as absl_logging

    root = logging.getLogger()
    with path.open("a", buffering=1, encoding="utf-8") as log:
        screen = sys.stderr
        kept = os.dup(2)
        handler = logging.StreamHandler(log)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handlers, level, show = root.handlers[:], root.level, warnings.showwarning
        os.dup2(log.fileno(), 2)
        sys.stderr = log
        root.handlers[:] = [handler]
        root.setLevel(logging.INFO)
        # Said outright, since TensorFlow sets absl's level while it saves a model and then restores what it was told.
        absl_logging.set_verbosity(absl_logging.INFO)
        warnings.showwarning = _to(log, show)
        try:
            yield path
        except Exception as error:
            if not is_ours(error):  # the screen may get no more of it than a sentence
                traceback.print_exc(file=log)
            raise
        finally:
            sys.stderr.flush()
            sys.stderr = screen
            os.dup2(kept, 2)
            os.close(kept)
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
