"""Counts the lines of our packages that the tests run, and prints their share of each package.

`make test` loads this pytest plugin with `-p`. SlipCover adds a probe to each line of a module as it is imported, which
costs no time that could be measured; a tracer (coverage.py on Python 3.10) made the tests a fifth slower. Lines that
only run in processes of their own, such as commands, do not count. Workers of pytest-xdist send what they counted.
"""

import copyreg
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import slipcover
from slipcover import probe

from files.packages import OUR_PACKAGES, ROOT

_FOLDERS = [str(ROOT / package) for package in OUR_PACKAGES]
_COUNTER = slipcover.Slipcover(source=_FOLDERS)
# Now, since conftest.py files import our modules before pytest calls any hook.
slipcover.ImportManager(_COUNTER, slipcover.FileMatcher(sources=_FOLDERS)).__enter__()


Files = dict[str, dict[str, list[int]]]
"""Executed and missing lines by path, as SlipCover gives them."""

_SENT: list[Files] = []
_KEY = "coverage"


def pytest_sessionfinish(session: Any) -> None:
    """Sends what a worker counted."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_KEY] = _counted()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keeps what a worker sent; a worker that crashed sent nothing."""
    _SENT.append(getattr(node, "workeroutput", {}).get(_KEY, {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints the table, above pytest's closing line."""
    terminalreporter.section("coverage")
    for line in table(merged([_counted(), *_SENT])):
        terminalreporter.write_line(line)


def _counted() -> Files:
    files: Files = _COUNTER.get_coverage()["files"]
    return files


def merged(parts: Sequence[Files]) -> Files:
    """The lines of all processes: a line is missing if none of those that loaded its file has run it."""
    result: Files = {}
    for path in sorted({path for part in parts for path in part}):
        seen = [part[path] for part in parts if path in part]
        run = {line for lines in seen for line in lines["executed_lines"]}
        missing = {line for lines in seen for line in lines["missing_lines"]} - run
        result[path] = {"executed_lines": sorted(run), "missing_lines": sorted(missing)}
    return result


def table(files: Files) -> list[str]:
    """A line for each package, and the last for all: statements, and the share that was run.

    Args:
        files: the lines that ran, and those that did not.
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


# Beam pickles lambdas with their bytecode, and a probe in it cannot be pickled. In this process the copy gets the same
# probe, in another one a probe that nobody reads.
_PROBES: dict[int, Any] = {}


def _pickled(line_probe: Any) -> tuple[Any, tuple[int]]:
    _PROBES[id(line_probe)] = line_probe
    return probe_of, (id(line_probe),)


def probe_of(number: int) -> Any:
    """The probe of a pickled function."""
    return _PROBES.get(number) or _new_probe()


def _new_probe() -> Any:
    return probe.new(slipcover.Slipcover(), "", 0, -1)


copyreg.pickle(type(_new_probe()), _pickled)
