"""CPU seconds and memory of a paired comparison of two branches on random rows (docs/performance.md).

    python -m benchmarks.paired_comparison --rows 2000000

One side has the heads of `joint`, the other those of `promotions_only`, with rows and slices as in a report. Two
processes are measured: one reads the scores of both sides, the other reads and compares them.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from benchmarks.measure import cost_of
from components.evaluation.config import CANDIDATE
from components.evaluation.paired.compare import compare
from components.evaluation.paired.slices import FIRST_DAYS, UNSEEN
from components.evaluation.scores import About, label_column, read_scores, score_column, with_about
from components.evaluation.settings import EvaluatedHead
from models.recipes import DEFAULT_RECIPES, bind
from models.tasks import DEFAULT_TASKS
from transforms.domain import DEFAULT_SOURCES

RECIPES = ("joint", "promotions_only")
_ROWS_OF_USER = 20


def main() -> None:
    """Writes scores, and prints the costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    parser.add_argument("--compare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if folder := options.read or options.compare:
        sides = [read_scores(f"{folder}/{recipe}") for recipe in RECIPES]
        if options.compare:
            compare(sides[:1], sides[1:])
        return
    with tempfile.TemporaryDirectory() as folder:
        for seed, recipe in enumerate(RECIPES):
            write_scores(Path(folder, recipe), recipe, options.rows, seed)
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.paired_comparison"]
        reading, both = (cost_of([*command, step, folder]) for step in ("--read", "--compare"))
    sys.stdout.write(
        f"{options.rows:,} rows: comparing takes {both.cpu - reading.cpu:.1f} CPU s; reading takes {reading.cpu:.1f} "
        f"CPU s with the start\npeak {both.peak:,.0f} MiB, of reading alone {reading.peak:,.0f} MiB\n"
    )


def write_scores(folder: Path, recipe: str, rows: int, seed: int) -> None:
    """Writes the scores of a model that knows a part of what decides the outcomes, of skewed users and tiers.

    Args:
        folder: gets the file.
        recipe: a built-in recipe.
        rows: how many.
        seed: of the noise of the scores.
    """
    world, noise = np.random.default_rng(0), np.random.default_rng(100 + seed)
    signal, tier = world.normal(size=rows), np.minimum(world.geometric(0.35, rows) - 1, 7)
    users = (world.random(rows) ** 2 * rows / _ROWS_OF_USER).astype(int)
    bound = bind(DEFAULT_RECIPES[recipe], DEFAULT_TASKS)
    heads = tuple(EvaluatedHead(task.name, task.label, bound.sources_of(task.name)) for task in bound.tasks)
    about = About(heads, DEFAULT_SOURCES, 20)
    columns = {
        "impression_id": pl.Series([f"impression-{number:09d}" for number in range(rows)]),
        "user_id": np.char.add("user-", users.astype(str)),
        "source": np.where(world.random(rows) < 0.8, "ad", "promotion"),
        "stream_tier": tier.astype(np.int8),
        "less_streamed": (tier >= 3).astype(np.int8),
        **{mark: (world.random(rows) < 0.05).astype(np.int8) for mark in (*UNSEEN, FIRST_DAYS)},
        **{label_column(label): (world.random(rows) < _sigmoid(signal - 4)).astype(np.int8) for label in about.labels},
    } | {
        score_column(CANDIDATE, head.name): _sigmoid(signal - 4 + noise.normal(size=rows) / 2).astype(np.float32)
        for head in heads
    }
    folder.mkdir()
    table = pl.DataFrame(columns).to_arrow()
    pq.write_table(table.cast(with_about(table.schema, about)), folder / "scores-00000-of-00001.parquet")


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    main()
