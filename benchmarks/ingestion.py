"""Ingestion compared with a plain Polars job that computes the same labelled table, and its memory as logs grow.

    python -m benchmarks.ingestion speed LOGS [--repeats 3]     # runs both in turn, compares results, CPU time, rows/s
    python -m benchmarks.ingestion memory LOGS [--times 10]     # peak memory on LOGS, and on logs ten times as large

Rows are impressions and interactions together. CPU seconds are the sum over all threads; on a shared machine they vary
less than wall time. The grown logs repeat each event under new ids and users: same days, shows, and habits.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import cost_of, rows_of

EVENTS = ("impressions", "interactions")


def main() -> None:
    """Runs the measurement that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "memory", "ingest", "plain"])
    parser.add_argument("logs", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--plain", action="store_true", help="measure the plain job's memory too: tens of GiB")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.logs.parent) as folder:
        if options.what == "speed":
            speed(options.logs, Path(folder), options.repeats)
        elif options.what == "memory":
            memory(options.logs, Path(folder), options.times, ("ingest", "plain") if options.plain else ("ingest",))
        else:  # one job alone, started by `memory`
            (ingest if options.what == "ingest" else plain)(options.logs, Path(folder))


def speed(logs: Path, folder: Path, repeats: int) -> None:
    """Prints the best of `repeats` runs of both jobs, taken in turn, after comparing their results."""
    jobs: dict[str, Callable[[Path, Path], None]] = {"ingest": ingest, "plain": plain}
    best = {name: (float("inf"), float("inf")) for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            job(logs, folder / name)
            spent = (time.process_time() - cpu, time.perf_counter() - wall)
            best[name] = tuple(map(min, best[name], spent))  # type: ignore[assignment]
    compare(folder)
    rows = rows_of(logs, *EVENTS)
    for name, (cpu, wall) in best.items():
        print(f"{name}: {cpu:.1f} CPU s, {wall:.1f} s, {rows / cpu:,.0f} rows per CPU s, {rows / wall:,.0f} rows/s")
    (ours_cpu, ours), (cpu, wall) = best["ingest"], best["plain"]
    print(f"ingestion at {cpu / ours_cpu:.2f} of plain Polars by CPU, {wall / ours:.2f} by wall time ({rows:,} rows)")


def memory(logs: Path, folder: Path, times: int, jobs: tuple[str, ...]) -> None:
    """Prints the peak memory of jobs in processes of their own, on `logs` and on grown logs."""
    grown = folder / "logs"
    grow(logs, grown, times)
    for name, path in (("1", logs), (str(times), grown)):
        for job in jobs:
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.ingestion", job, str(path)]
            try:
                outcome = f"{cost_of(command).peak:,.0f} MiB"
            except subprocess.CalledProcessError as error:  # the plain job, where memory ends
                outcome = f"failed ({error.returncode})"
            print(f"{job} on {name} x the logs ({rows_of(path, *EVENTS):,} rows): {outcome}", flush=True)


def ingest(logs: Path, out: Path) -> None:
    """The steps of the component, as `coldcast ingest` runs them."""
    from components.ingestion.config import IngestionConfig
    from components.ingestion.run import ingest as run
    from pipeline.configuration.beam import BeamConfig

    run(str(logs), str(out), IngestionConfig(), beam_args=BeamConfig().args)


def plain(logs: Path, out: Path) -> None:
    """The plain job, written to one file with the same columns."""
    from benchmarks.plain_polars import labelled
    from logs.config import TiersConfig
    from transforms.domain import Domain
    from transforms.features import FEATURES
    from transforms.labelled import LESS_STREAMED, STREAM_TIER, TIER_STREAMS, labelled_schema

    tiers = TiersConfig()
    table = labelled(logs, tiers.boundaries_hours, tiers.less_streamed_below)
    out.mkdir(parents=True, exist_ok=True)
    schema = labelled_schema(FEATURES, Domain())
    for name in (LESS_STREAMED, STREAM_TIER):
        schema = schema.insert(schema.get_field_index(TIER_STREAMS) + 1, pa.field(name, pa.int64()))
    pq.write_table(table.select(schema.names).to_arrow().cast(schema, safe=False), out / "labelled.parquet")


def compare(folder: Path) -> None:
    """Raises AssertionError unless both jobs wrote the same table, floats up to float32's precision."""
    from polars.testing import assert_frame_equal

    ours = pl.read_parquet(folder / "ingest" / "labelled" / "*.parquet")
    assert_frame_equal(ours, pl.read_parquet(folder / "plain" / "labelled.parquet"), rel_tol=1e-6, abs_tol=1e-6)
    print(f"the same {len(ours):,} labelled rows and {ours.width} columns from both")


def grow(logs: Path, out: Path, times: int) -> None:
    """Repeats each user, impression, and interaction of `logs` `times` times; keeps days, shows, and episodes."""
    for path in sorted(logs.rglob("*.parquet")):
        table = path.relative_to(logs).parts[0]
        target = out / path.relative_to(logs)
        target.parent.mkdir(parents=True, exist_ok=True)
        if table in ("shows", "episodes"):
            target.symlink_to(path.resolve())
        elif table in ("users", "impressions", "interactions"):
            frame = pl.read_parquet(path, hive_partitioning=False)
            ids = [name for name in ("user_id", "impression_id", "interaction_id") if name in frame.columns]
            writer = None
            for copy in range(times):
                renamed = frame.with_columns(pl.col(name) + f"-{copy}" for name in ids)
                piece: pa.Table = renamed.to_arrow()
                writer = writer or pq.ParquetWriter(target, piece.schema)
                writer.write_table(piece)
            if writer:
                writer.close()


if __name__ == "__main__":
    main()
