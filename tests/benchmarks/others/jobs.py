"""A job with three features and two tasks, and rows for it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.others.libraries.job import Input, Job

TASKS = ("promotion_stream", "ad_stream")


def small_job(model: str = "mmoe") -> Job:
    return Job(
        model=model,
        inputs=(
            Input("show", "id", 1, 20, "show"),
            Input("recent", "ids", 3, 20, "show"),
            Input("hours", "numbers", 2),
        ),
        tasks=TASKS,
        deciding={"promotion": "promotion_stream", "ad": "ad_stream"},
        seed=1,
        epochs=6,
        patience=2,
        batch_size=64,
        learning_rate=0.01,
        dropout=0.0,
        embedding_dim=4,
        tower_units=(8,),
        units=(8, 8),
        shared_experts=2,
        task_experts=int(model == "ple"),
    )


def write_small_rows(path: Path, rows: int, seed: int) -> None:
    """Rows whose streams depend on the show alone; a task of promotions does not learn from ads."""
    rng = np.random.default_rng(seed)
    show = rng.integers(1, 20, rows).astype(np.int32)
    ads = rng.random(rows) < 0.5
    recent, hours = rng.integers(0, 20, rows * 3).astype(np.int32), rng.normal(size=rows * 2).astype(np.float32)
    streams = (rng.random(rows) < np.where(show % 2, 0.8, 0.1)).astype(np.int8)
    columns = {
        "input.show": pa.array(show),
        "input.recent": pa.FixedSizeListArray.from_arrays(pa.array(recent), 3),
        "input.hours": pa.FixedSizeListArray.from_arrays(pa.array(hours), 2),
        **{f"label.{task}": pa.array(streams) for task in TASKS},
        "weight.promotion_stream": pa.array(np.where(ads, 0, 1).astype(np.float32)),
        "weight.ad_stream": pa.array(np.ones(rows, np.float32)),
        "source": pa.array(np.where(ads, "ad", "promotion")),
    }
    pq.write_table(pa.table(columns), path)
