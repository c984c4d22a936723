"""Measures for the benchmarks: the cost of a separate process, and the number of rows of logs."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Cost:
    """The cost of a process.

    Attributes:
        wall, cpu: seconds; `cpu` is that of all threads, user and system.
        peak: largest resident memory in MiB.
    """

    wall: float
    cpu: float
    peak: float


def cost_of(command: Sequence[str]) -> Cost:
    """The cost of `command`, run without its output.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), list(command))
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def rows_of(logs: Path, *tables: str) -> int:
    """Number of rows in these tables of raw logs, from the footers of their files."""
    paths = [path for table in tables for path in (logs / table).rglob("*.parquet")]
    return sum(pq.ParquetFile(path).metadata.num_rows for path in paths)
