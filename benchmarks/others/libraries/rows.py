"""The rows of a run, as the process of a library reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .job import ID, Job

SOURCE = "source"


@dataclass(frozen=True)
class SplitRows:
    """Rows of one split.

    Attributes:
        inputs: by feature, int32 `[n]` of an id, int32 `[n, width]` of a list, or float32 `[n, width]` of numbers.
        labels: by task, float32 `[n]`, 0 or 1.
        weights: by task, float32 `[n]`: the weight of a row in the task's loss, 0 where the task may not learn from it.
        source: the source of each row, `[n]`.
    """

    inputs: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]
    source: np.ndarray

    def __len__(self) -> int:
        return len(self.source)


def input_column(name: str) -> str:
    """The column of a feature."""
    return f"input.{name}"


def label_column(task: str) -> str:
    """The column of a task's label."""
    return f"label.{task}"


def weight_column(task: str) -> str:
    """The column of a task's weights."""
    return f"weight.{task}"


def read_rows(path: Path, job: Job) -> SplitRows:
    """Reads a file of `write_rows` (`benchmarks/others/exchange.py`)."""
    table = pq.read_table(path).combine_chunks()

    def values(column: str) -> np.ndarray:
        return np.asarray(_array(table, column).to_numpy(zero_copy_only=False))

    def of_input(name: str, width: int, single: bool) -> np.ndarray:
        if single:
            return values(input_column(name))
        return np.asarray(_array(table, input_column(name)).flatten().to_numpy()).reshape(-1, width)

    return SplitRows(
        inputs={feature.name: of_input(feature.name, feature.width, feature.kind == ID) for feature in job.inputs},
        labels={task: values(label_column(task)).astype(np.float32) for task in job.tasks},
        weights={task: values(weight_column(task)) for task in job.tasks},
        source=values(SOURCE).astype(str),
    )


def _array(table: pa.Table, column: str) -> pa.Array:
    """The only chunk of a column."""
    chunks = table[column].chunks
    return chunks[0] if chunks else pa.array([], table[column].type)
