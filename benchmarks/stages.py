"""Seconds, CPU seconds, and memory of each node of a run, which is a process of its own.

    python -m benchmarks.stages -c configs/default.yaml --set root=work/stages
    python -m benchmarks.stages -c configs/default.yaml --set root=work/large --set simulation.preset=large \
        --set trainer.epochs=1

Arguments are those of `coldcast run`. Memory is the largest of the samples, four a second, within a node. *Own* leaves
out pages of files that the system can drop at any time, such as those of the prepared training rows.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

from pipeline.configuration.file import load_config
from pipeline.metadata.records import Node
from pipeline.runs import find_run

SECONDS_BETWEEN_SAMPLES = 0.25


@dataclass(frozen=True)
class Sample:
    """The process and its children at one time.

    Attributes:
        at: seconds since the epoch.
        cpu: CPU seconds so far.
        resident, own: MiB of memory, with and without pages of files.
    """

    at: float
    cpu: float
    resident: float
    own: float


@dataclass(frozen=True)
class Stage:
    """Seconds and peak memory of one node.

    Attributes:
        id: of the node.
        wall, cpu: seconds.
        resident, own: the largest MiB of memory, with and without pages of files.
    """

    id: str
    wall: float
    cpu: float
    resident: float
    own: float


def main() -> None:
    """Runs the pipeline and prints a line for each node of at least a second, also if the run stops.

    Raises:
        SystemExit: the run failed; with its exit code.
    """
    arguments = sys.argv[1:]
    samples: list[Sample] = []
    code = watch([str(Path(sys.executable).with_name("coldcast")), "run", *arguments], samples)
    configs = [value for key, value in pairwise(arguments) if key in ("-c", "--config")]
    overrides = [value for key, value in pairwise(arguments) if key == "--set"]
    run = find_run(load_config(Path(configs[0]), overrides))
    print(f"{'node':32} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9} {'own MiB':>8}")
    for stage in stages(run.nodes, samples):
        if stage.wall >= 1:
            print(f"{stage.id:32} {stage.wall:8.1f} {stage.cpu:8.1f} {stage.resident:9.0f} {stage.own:8.0f}")
    print(f"{'whole run':32} {samples[-1].at - samples[0].at:8.1f} {samples[-1].cpu:8.1f}")
    if code:
        raise SystemExit(code)


def stages(nodes: Sequence[Node], samples: Sequence[Sample]) -> tuple[Stage, ...]:
    """The costs of nodes that ran one after the other, from samples in the order of time."""
    costs = []
    for node in nodes:
        if node.started is not None:
            start = node.started.timestamp()
            within = [sample for sample in samples if start <= sample.at <= start + node.seconds]
            costs.append(
                Stage(
                    id=node.id,
                    wall=node.seconds,
                    cpu=within[-1].cpu - within[0].cpu if within else 0.0,
                    resident=max((sample.resident for sample in within), default=0.0),
                    own=max((sample.own for sample in within), default=0.0),
                )
            )
    return tuple(costs)


def watch(command: Sequence[str], samples: list[Sample]) -> int:
    """Runs the command, adds a sample of it to `samples` every so often, and returns its exit code."""
    with subprocess.Popen(command) as running:
        process = psutil.Process(running.pid)
        while running.poll() is None:
            try:
                samples.append(_sample([process, *process.children(recursive=True)]))
            except psutil.NoSuchProcess:
                continue  # a child ended meanwhile
            time.sleep(SECONDS_BETWEEN_SAMPLES)
    return running.returncode


def _sample(processes: Sequence[psutil.Process]) -> Sample:
    memory = [process.memory_info() for process in processes]
    times = processes[0].cpu_times()
    ended = times.children_user + times.children_system
    return Sample(
        at=time.time(),
        cpu=sum(each.user + each.system for each in (process.cpu_times() for process in processes)) + ended,
        resident=sum(each.rss for each in memory) / 2**20,
        own=sum(each.rss - each.shared for each in memory) / 2**20,
    )


if __name__ == "__main__":
    main()
