"""A config's run on a real Flink, compared by content with the same run on Beam's local runner.

    python -m benchmarks.flink                    # configs/tiny.yaml, about ten minutes; needs Java 11 or 17, and Maven

Maven fetches Flink 1.19 with Beam's job server (150 MB the first time). The command starts it, and an external pool of
Beam workers, on free ports of this machine, and ends both. The whole pipeline runs twice on the same simulated logs,
each time below a root of its own. Then all that Beam computed before training is compared. The exit code is 1 if
anything differs.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.flink.diff import Diff
from benchmarks.flink.engine import EngineError, failed, flink, started
from pipeline.configuration.file import load_config
from pipeline.metadata.records import Run
from pipeline.runs import find_run

_SHOWN = 10
"""Differences that are printed of each thing."""


def main() -> None:
    """Runs both, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", default="configs/tiny.yaml", help="a config with a simulated world")
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="a new folder that keeps all files; default: a temporary one")
    options = parser.parse_args()
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONWARNINGS": "ignore"}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that all that was started ends
    try:
        if options.folder:
            options.folder.mkdir(parents=True)
            equal = _run(options.config, options.folder.absolute(), options.parallelism)
        else:
            with tempfile.TemporaryDirectory(prefix="coldcast-flink-") as folder:
                equal = _run(options.config, Path(folder), options.parallelism)
    except (EngineError, FileExistsError) as error:
        sys.exit(str(error))
    sys.stdout.flush()
    os._exit(0 if equal else 1)  # TensorFlow's own tear-down prints tracebacks


def _run(config: str, folder: Path, parallelism: int) -> bool:
    console = Console()
    logs = f"logs={folder / 'logs'}"
    _coldcast(folder / "simulate.log", "simulate", config, [logs])
    with flink(folder / "engine", parallelism) as args:
        overrides = [logs, f"root={folder / 'flink'}", f"beam.args={json.dumps(args)}"]
        on_flink = _pipeline("flink", config, overrides, folder, console)
    local = _pipeline("local", config, [logs, f"root={folder / 'local'}"], folder, console)
    from benchmarks.flink.comparison import compare

    lines = list(compare(on_flink, local))
    console.print(table(lines))
    for line in lines:
        for difference in line.differing[:_SHOWN]:
            console.print(f"{line.what}: {difference}", markup=False, highlight=False)
    return all(line.equal for line in lines)


def table(lines: Iterable[Diff]) -> Table:
    """The comparison as a table."""
    made = Table(title="Flink against the local runner, by content")
    for title, right in (("", False), ("compared", True), ("differ", True), ("as allowed", True), ("equal", False)):
        made.add_column(title, justify="right" if right else "left")
    for line in lines:
        close = f"{line.close:,} ({line.allowed})" if line.close else ""
        differing = f"{line.close + len(line.differing):,}"
        made.add_row(line.what, f"{line.values:,} {line.unit}s", differing, close, "yes" if line.equal else "NO")
    return made


def _pipeline(engine: str, config: str, overrides: Sequence[str], folder: Path, console: Console) -> Run:
    began = time.monotonic()
    _coldcast(folder / f"{engine}.log", "run", config, overrides, "--no-sample")
    console.print(f"coldcast run, {engine}: {time.monotonic() - began:.0f} s", highlight=False)
    return find_run(load_config(config, overrides))


def _coldcast(log: Path, command: str, config: str, overrides: Sequence[str], *options: str) -> None:
    program = [sys.executable, "-m", "pipeline.command_line.main", command, "--config", config, *options]
    program += [part for override in overrides for part in ("--set", override)]
    with started(program, log, Path.cwd()) as process:
        if process.wait():
            raise failed(f"coldcast {command} failed", log)


if __name__ == "__main__":
    main()
