"""The prepared rows of a run as files for the processes of other libraries."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.others.libraries.job import ID, IDS, NUMBERS, Input, Job
from benchmarks.others.libraries.rows import SOURCE, input_column, label_column, weight_column
from models.encoders.config import MmoeConfig, PleConfig
from models.prepared_rows import PreparedRows
from models.recipes import Recipe
from models.spec import TrainingSpec
from models.tasks import Task
from transforms.packed import PackedLayout

MODELS = ("mmoe", "ple")


def inputs_of(layout: PackedLayout) -> tuple[Input, ...]:
    """The features of a layout. Those that share rows of the embedding table name the first one's table."""
    owners: dict[int, str] = {}
    ids = [
        Input(
            name=feature.name,
            kind=ID if feature.width == 1 else IDS,
            width=feature.width,
            rows=feature.rows,
            table=owners.setdefault(feature.row, feature.name),
        )
        for feature in layout.ids
    ]
    return (*ids, *(Input(feature.name, NUMBERS, feature.width) for feature in layout.floats))


def job_of(spec: TrainingSpec, layout: PackedLayout, model: str, seed: int) -> Job:
    """The job of a library whose model is compared with a branch.

    The sizes are the defaults of our encoder of the same kind; the budget, the learning rate, and the dropout are the
    branch's own. The rate stays the same over the steps, as in both libraries.

    Args:
        spec: of the branch.
        layout: of its rows.
        model: one of `MODELS`.
        seed: of the library's model.
    """
    trainer, recipe = spec.trainer, spec.recipe
    mmoe, ple = MmoeConfig(), PleConfig()
    is_mmoe = model == "mmoe"
    return Job(
        model=model,
        inputs=inputs_of(layout),
        tasks=recipe.heads,
        deciding=recipe.deciding_heads(trainer.loss_weights),
        seed=seed,
        epochs=trainer.epochs,
        patience=trainer.patience,
        batch_size=trainer.batch_size,
        learning_rate=trainer.learning_rate,
        dropout=recipe.encoder.dropout,
        embedding_dim=spec.model.embedding_dim,
        tower_units=spec.model.tower_units,
        units=mmoe.units if is_mmoe else ple.units,
        shared_experts=mmoe.experts if is_mmoe else ple.shared_experts,
        task_experts=0 if is_mmoe else ple.task_experts,
    )


def write_rows(path: Path, layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec) -> None:
    """Writes rows as Parquet, for `read_rows`: ids of each feature from 0, labels, weights, and sources."""
    columns: dict[str, pa.Array] = {}
    for feature in layout.ids:
        ids = rows.ids[:, feature.column : feature.column + feature.width] - np.int32(feature.row)
        columns[input_column(feature.name)] = pa.array(ids[:, 0]) if feature.width == 1 else _lists(ids)
    for number in layout.floats:
        columns[input_column(number.name)] = _lists(rows.floats[:, number.column : number.column + number.width])
    for task in spec.recipe.tasks:
        columns[label_column(task.name)] = pa.array(rows.label(task.label))
        weights = task_weights(rows, spec.recipe, task) * np.float32(spec.trainer.loss_weights.get(task.name, 1.0))
        columns[weight_column(task.name)] = pa.array(weights)
    columns[SOURCE] = pa.array(np.asarray(rows.source_names)[rows.source])
    pq.write_table(pa.table(columns), path, row_group_size=max(len(rows), 1))


def task_weights(rows: PreparedRows, recipe: Recipe, task: Task) -> np.ndarray:
    """The weight of each row in a task's loss, float32 `[n]`.

    0 where the task may not learn from the row's source: the loss mask. If the recipe balances its batches, the rows
    of each source have the same sum, and the mean over all rows is 1.
    """
    counts = np.bincount(rows.source, minlength=len(rows.source_names))
    present = [name for name, count in zip(rows.source_names, counts, strict=True) if count]
    even = np.divide(len(rows) / max(len(present), 1), counts, out=np.zeros(len(counts)), where=counts > 0)
    by_source = even if recipe.balanced else np.ones(len(counts))
    allowed = np.isin(rows.source_names, task.trained_on)
    return (by_source * allowed)[rows.source].astype(np.float32)


def _lists(values: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).ravel()), values.shape[1])
