"""CPU seconds of the report, the summary, and the outcome after a run, and how often they read and compare scores.

    python -m benchmarks.after_a_run -c configs/tiny.yaml

It takes the newest run, first with the results that its node `Report` kept, then as if the run had no such node.
"""

import argparse
import io
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
from rich.console import Console

from components.evaluation.paired import compare as paired
from pipeline.configuration.file import load_config
from pipeline.metadata.records import REPORT, Run
from pipeline.outcome.document import succeeded
from pipeline.report.write import write_report
from pipeline.runs import find_run
from pipeline.terminal.summary import show_summary


def counted(step: Callable[[], object]) -> Counter[str]:
    """Files of scores and their bytes in memory that `step` reads, and its comparisons of two models."""
    counts: Counter[str] = Counter()
    read_table, aligned = pq.read_table, paired._aligned

    def read(*values: Any, **options: Any) -> Any:
        table = read_table(*values, **options)
        counts.update(files=1, bytes=table.nbytes)
        return table

    def compare(*sides: Any) -> Any:
        counts.update(comparisons=1)
        return aligned(*sides)

    with mock.patch.object(pq, "read_table", read), mock.patch.object(paired, "_aligned", compare):
        step()
    return counts


def main() -> None:
    """Prints a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[])
    given = parser.parse_args()
    config = load_config(given.config, given.set)
    config.beam.apply()
    newest = find_run(config)
    _steps(config, newest)["report"]()  # warms up: loading libraries for the first page counts for no step
    without = replace(newest, nodes=tuple(node for node in newest.nodes if node.id != REPORT))
    for name, run in (("with", newest), ("without", without)):
        for step, work in _steps(config, run).items():
            began = time.process_time()
            counts = counted(work)
            line = f"{counts['files']} files, {counts['bytes'] / 2**20:.2f} MiB, {counts['comparisons']} comparisons"
            print(f"{name} the node, {step}: {time.process_time() - began:.2f} s, {line}")


def _steps(config: Any, run: Run) -> dict[str, Callable[[], object]]:
    folder = Path(tempfile.mkdtemp())
    return {
        "report": lambda: write_report(config, run, out=folder),
        "summary": lambda: show_summary(Console(file=io.StringIO()), config, run),
        "outcome": lambda: succeeded(config, run),
    }


if __name__ == "__main__":
    main()
