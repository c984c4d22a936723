import io
import logging
import platform
import subprocess
import sys

import pytest
from rich.console import Console
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline

from pipeline.runners import memory
from pipeline.runners.local import run
from pipeline.terminal import quiet

# The last array lies at the end of the heap, so glibc itself gives nothing back.
_PROGRAM = """
import numpy as np
from pipeline.runners.memory import give_back

def resident_mib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20

arrays = [np.ones(1000, np.uint8) for _ in range(200_000)]
last = arrays.pop()
full = resident_mib()
arrays.clear()
freed = resident_mib()
give_back()
print(full - freed, freed - resident_mib())
"""


@component
def Node() -> None:  # noqa: N802
    pass


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps freed memory and can give it back")
def test_freed_memory_goes_back_to_the_system():
    done = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True)
    by_itself, given_back = map(float, done.stdout.split())
    assert by_itself < 50
    assert given_back > 100


@pytest.mark.parametrize(("seconds", "times"), [(4.9, 0), (5.0, 1)])
def test_only_a_long_node_gives_memory_back(monkeypatch, seconds, times):
    calls = []
    monkeypatch.setattr(memory, "give_back", lambda: calls.append(1))
    clock = iter([100.0, 200.0, 200.0 + seconds])
    monkeypatch.setattr(memory.time, "monotonic", lambda: next(clock))
    handler = memory.MemoryReturn()
    for message in ("Component %s is running.", "Component %s waits.", "Component %s is finished."):
        handler.emit(logging.LogRecord("absl", logging.INFO, "", 1, message, ("Transform",), None))
    assert len(calls) == times


def test_nodes_of_a_run_give_memory_back(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(memory, "give_back", lambda: calls.append(1))
    monkeypatch.setattr(memory, "LONG_SECONDS", 0.0)
    metadata = sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))
    nodes = [Node().with_id("First"), Node().with_id("Second")]
    with quiet.into(tmp_path / "log"):
        run(
            Pipeline("memory", str(tmp_path), components=nodes, metadata_connection_config=metadata),
            Console(file=io.StringIO()),
        )
    assert len(calls) == 2
