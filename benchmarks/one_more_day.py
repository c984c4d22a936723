"""One more day of logs compared with a run of ingestion from nothing, as the logs grow.

    python -m benchmarks.one_more_day                     # 60 and 120 days of impressions
    python -m benchmarks.one_more_day --days 60 --users 16000 --impressions 14000

A world is simulated once. Its days are revealed step by step: a run from nothing, a run with one more day, and a run
with nothing new. Each run is a process of its own; its seconds leave out start and imports. `MiB kept` is the size of
the files that ingestion keeps for later runs, Examples included. Days before the first impression are not counted.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from simulation.config import SimulationConfig


def main() -> None:
    """Prints a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, action="append", help="days of impressions before the one more day")
    parser.add_argument("--users", type=int, default=8_000)
    parser.add_argument("--impressions", type=int, default=8_000, help="impressions a day")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder if not given")
    parser.add_argument("--run", nargs=3, metavar=("LOGS", "KEPT", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(_run(*options.run)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        _measure(Path(folder), options.days or [60, 120], options.users, options.impressions)


def _measure(folder: Path, lengths: list[int], users: int, impressions: int) -> None:
    from simulation.simulate import simulate

    days = max(lengths) + 1
    config = SimulationConfig(users=users, shows=1_500, days=days, impressions=impressions * days)
    simulate(config, folder / "world")
    print(f"{'days':>5} {'run':14} {'wall s':>7} {'CPU s':>7} {'days labelled':>14} {'MiB kept':>9}", flush=True)
    for length in lengths:
        logs, kept, out = (folder / f"{name}-{length}" for name in ("logs", "kept", "out"))
        last = config.start_date + timedelta(length - 1)
        for run, until in (("from nothing", last), ("one more day", last + timedelta(1)), ("nothing new", None)):
            if until:
                _reveal(folder / "world", logs, until)
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.one_more_day", "--run"]
            done = subprocess.run(
                [*command, str(logs), str(kept), str(out)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            cost = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{length:5} {run:14} {cost['wall']:7.2f} {cost['cpu']:7.2f} {cost['computed']:14} {_mib(kept):9.1f}",
                flush=True,
            )


def _reveal(world: Path, logs: Path, until: date) -> None:
    """Links the files of all days up to `until`. Episodes are those that are released by then."""
    import polars as pl

    for path in sorted(world.rglob("*.parquet")):
        relative = path.relative_to(world)
        day = relative.parts[1].removeprefix("date=") if len(relative.parts) > 2 else ""
        target = logs / relative
        if day > until.isoformat() or (day and target.exists()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if day:
            os.link(path, target)
        else:
            episodes = pl.read_parquet(path, hive_partitioning=False)
            released = pl.col("release_timestamp").dt.date() <= until
            episodes.filter(released).write_parquet(target)


def _run(logs: str, kept: str, out: str) -> dict[str, float]:
    """The steps of the component: ingestion into Examples, with a fingerprint of the logs before and after."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.pipeline import Pipeline

    from components.code_hash import code_hash
    from components.ingestion.config import IngestionConfig
    from components.ingestion.steps.beam_map import Steps
    from components.ingestion.steps.day_examples import EXAMPLES
    from components.ingestion.steps.days import DayRows
    from components.ingestion.steps.ingest import IngestionSteps
    from files.kept import Kept
    from files.links import link_or_copy
    from logs.fingerprint import fingerprint
    from logs.opening import memory_of, open_logs
    from pipeline.configuration.beam import BeamConfig
    from transforms.config import FeaturesConfig
    from transforms.domain import Domain

    computed = 0

    class Counting(Steps):
        """Counts the days that are labelled."""

        def run(self, name, function, result_type, items):  # type: ignore[no-untyped-def]
            nonlocal computed
            computed += len(items) if result_type is DayRows else 0
            return super().run(name, function, result_type, items)

    features = FeaturesConfig().table()
    wall, cpu = time.perf_counter(), time.process_time()
    shutil.rmtree(out, ignore_errors=True)
    memory = memory_of(logs, kept)
    content = fingerprint(logs, memory)
    opened = open_logs(logs, features, Domain(), memory, code_hash("logs.footers"))
    options = PipelineOptions(list(BeamConfig().args))
    steps = Counting(lambda: Pipeline(options=options), f"{out}/scratch", lambda _: None)
    outcome = IngestionSteps(opened, IngestionConfig(), Domain(), features, steps, Kept(kept)).run(EXAMPLES)
    for day, path in outcome.days.items():
        link_or_copy(path, f"{out}/Split-day-{day}/examples-00000.tfrecord.gz")
    if fingerprint(logs, memory) != content:
        raise AssertionError("the logs changed")
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "computed": computed}


def _mib(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


if __name__ == "__main__":
    main()
