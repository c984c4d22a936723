"""What ingestion refuses, in words for its user, and how the words of others are cut to one line."""

from collections.abc import Iterable


class LogError(ValueError):
    """The logs break the contract of docs/data.md; the message names every file, table and column concerned."""


class FileError(LogError):
    """A file of the logs cannot be used.

    Attributes:
        path: the file.
        problem: what completes a sentence that begins with its path.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path} {problem}")
        self.path = path
        self.problem = problem


class QuarantineError(ValueError):
    """More of a table is quarantined than the config allows; quarantine and accounting are written nonetheless."""


class OutputError(RuntimeError):
    """Ingestion cannot use the folder it is to write to; the message names it."""

    @classmethod
    def of(cls, folder: str, reason: str) -> "OutputError":
        """The files of ingestion in `folder` cannot be written or read back, for `reason`."""
        hint = "check the path, its permissions and the space on the disk"
        return cls(f"ingestion cannot keep its files in {folder}: {reason}; {hint}")


def summarise(problems: Iterable[tuple[str, str]]) -> list[str]:
    """One sentence for each kind of problem of (path, problem), naming the first file and how many more have it."""
    files: dict[str, list[str]] = {}
    for path, problem in problems:
        files.setdefault(problem, []).append(path)
    return [
        f"{paths[0]}{f' (and {len(paths) - 1} more)' if len(paths) > 1 else ''} {problem}"
        for problem, paths in files.items()
    ]


def reason_of(error: OSError) -> str:
    """Why a file could not be used: the system's words, or those of Beam or Arrow."""
    return error.strerror or one_line(error)


def one_line(error: Exception) -> str:
    """The first line of an error, as Arrow adds an excerpt of the file; of Beam's, that of the error behind it."""
    while details := getattr(error, "exception_details", None):  # for each path an error, or a code
        behind = next(iter(details.values()))
        if not isinstance(behind, Exception) or " " not in str(behind):
            break
        error = behind
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
