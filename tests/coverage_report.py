"""Counts the lines of our packages that the tests run, and prints their share of each package.

`make test` loads this pytest plugin with `-p`, before any of our modules is imported. SlipCover marks lines in the
bytecode as a module is imported, which costs no time that could be measured; a tracer (coverage.py on Python 3.10) made
the tests a fifth slower. Lines that only run in processes of their own, such as commands, do not count.
"""

from collections import Counter
from typing import Any

import slipcover

from files.packages import OUR_PACKAGES, ROOT

_FOLDERS = [str(ROOT / package) for package in OUR_PACKAGES]
_COUNTER = slipcover.Slipcover(source=_FOLDERS)


def pytest_configure() -> None:
    """Begins to count, in modules that are imported from now on."""
    slipcover.ImportManager(_COUNTER, slipcover.FileMatcher(sources=_FOLDERS)).__enter__()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints the table, above pytest's closing line."""
    terminalreporter.section("coverage")
    for line in table(_COUNTER.get_coverage()["files"]):
        terminalreporter.write_line(line)


def table(files: dict[str, dict[str, list[int]]]) -> list[str]:
    """A line for each package, and the last for all: statements, and the share that was run.

    Args:
        files: executed and missing lines by path, as SlipCover gives them.
    """
    run: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for path, lines in files.items():
        package = (ROOT / path).relative_to(ROOT).parts[0]
        for name in (package, "all"):
            run[name] += len(lines["executed_lines"])
            missing[name] += len(lines["missing_lines"])
    names = [*sorted(run.keys() - {"all"}), "all"]
    return [f"{name:<12} {run[name] + missing[name]:>7,} lines {_share(run[name], missing[name]):>7}" for name in names]


def _share(run: int, missing: int) -> str:
    return f"{run / (run + missing):.1%}" if run + missing else "none"
