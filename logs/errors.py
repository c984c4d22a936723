"""Errors about raw logs, in words for the user, and one-line reasons from errors of other libraries."""

import os
from collections.abc import Iterable

from transforms.errors import UserError

_EXAMPLE = " (for example: "


class LogError(UserError):
    """The logs break the contract of docs/data.md; the message names every file, table, and column concerned."""


class FileError(LogError):
    """A file of the logs cannot be used.

    Attributes:
        path: the file.
        problem: the rest of a sentence that begins with the path.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path} {problem}")
        self.path = path
        self.problem = problem


def changed(logs: str) -> LogError:
    """The error for logs that changed while a run read them."""
    return LogError(f"{logs} changed since the run began; run again when nothing writes to it any more")


class QuarantineError(UserError):
    """More of a table is quarantined than the config allows; quarantine and accounting are still written."""


class OutputError(UserError):
    """Ingestion cannot use its output folder; the message names it."""

    @classmethod
    def of(cls, folder: str, reason: str) -> "OutputError":
        """The error for files of ingestion in `folder` that cannot be written or read back, for `reason`."""
        hint = "check the path, its permissions and the space on the disk"
        return cls(f"ingestion cannot keep its files in {folder}: {reason}; {hint}")


def with_example(problem: str, detail: str) -> str:
    """A problem with a detail that differs between files; `summarise` groups by the problem alone."""
    return f"{problem}{_EXAMPLE}{detail})"


def summarise(problems: Iterable[tuple[str, str]]) -> list[str]:
    """One sentence for each kind of problem, naming the first file and the number of other files that have it.

    Args:
        problems: (path, the rest of a sentence that begins with the path). A path counts once for a problem.
    """
    files: dict[str, dict[str, str]] = {}  # by problem, the full problem of each path
    for path, problem in problems:
        files.setdefault(problem.partition(_EXAMPLE)[0], {}).setdefault(printable(path), problem)
    return [_sentence(by_path) for by_path in files.values()]


def _sentence(by_path: dict[str, str]) -> str:
    path, problem = next(iter(by_path.items()))
    more = f" (and {len(by_path) - 1:,} more)" if len(by_path) > 1 else ""
    return f"{path}{more} {problem}"


def printable(path: str) -> str:
    """A path as text, in which escapes stand for bytes that are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def reason_of(error: OSError) -> str:
    """Why a file could not be used, in the words of the system, Beam, or Arrow."""
    return error.strerror or one_line(error)


def one_line(error: Exception) -> str:
    """The first line of an error, since Arrow adds an excerpt of the file; for Beam, that of the error behind it."""
    while details := getattr(error, "exception_details", None):  # an error or a code by path
        behind = next(iter(details.values()))
        if not isinstance(behind, Exception) or " " not in str(behind):
            break
        error = behind
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
