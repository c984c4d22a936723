"""Trains DeepCTR's MMOE or PLE. Runs in an environment of its own: DeepCTR needs Keras 2.

    python -m libraries.train_deepctr JOB TRAIN VALIDATION TEST OUT

The model is DeepCTR's, and so is the initialization. Training is Keras's `fit` with Adam. A task's sample weights are
its mask. All numbers are one `DenseFeat`, which enters the experts as it is.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import requests

from .job import ID, IDS, NUMBERS, Job
from .rows import SplitRows, read_rows
from .watch import Watch, write_results

_PREDICT = 8192


def _offline(*_: object, **__: object) -> None:
    raise ConnectionError("no need to know DeepCTR's newest version")


vars(requests)["get"] = _offline  # DeepCTR asks for its newest version when it is imported

import tensorflow as tf  # noqa: E402
from deepctr.feature_column import DenseFeat, SparseFeat, VarLenSparseFeat  # noqa: E402
from deepctr.models.multitask import MMOE, PLE  # noqa: E402


def main() -> None:
    """Trains, and writes the results."""
    job_file, train_file, validation_file, test_file, out = map(Path, sys.argv[1:])
    job = Job.load(job_file)
    train, validation, test = (read_rows(path, job) for path in (train_file, validation_file, test_file))
    tf.keras.utils.set_random_seed(job.seed)
    model = built(job)
    model.compile(tf.keras.optimizers.Adam(job.learning_rate), ["binary_crossentropy"] * len(job.tasks))
    follow = Follow(job, validation, len(train))
    model.fit(
        fed(job, train),
        [train.labels[task] for task in job.tasks],
        sample_weight=[train.weights[task] for task in job.tasks],
        batch_size=job.batch_size,
        epochs=job.epochs,
        verbose=0,
        callbacks=[follow],
    )
    model.set_weights(follow.best_weights)
    write_results(out, follow.watch.epochs, predicted(model, job, fed(job, test)))


def built(job: Job) -> tf.keras.Model:
    """The model of a job."""
    numbers = sum(feature.width for feature in job.inputs if feature.kind == NUMBERS)
    columns = [column(job, feature.name) for feature in job.inputs if feature.kind != NUMBERS]
    if numbers:
        columns.append(DenseFeat(NUMBERS, numbers))
    shared = {
        "tower_dnn_hidden_units": job.tower_units,
        "dnn_dropout": job.dropout,
        "dnn_use_bn": True,
        "seed": job.seed,
        "task_types": ["binary"] * len(job.tasks),
        "task_names": list(job.tasks),
    }
    if job.model == "mmoe":
        return MMOE(columns, num_experts=job.shared_experts, expert_dnn_hidden_units=job.units, **shared)
    return PLE(
        columns,
        shared_expert_num=job.shared_experts,
        specific_expert_num=job.task_experts,
        num_levels=len(job.units),
        expert_dnn_hidden_units=job.units[-1:],  # PLE has the same units on every level
        **shared,
    )


def column(job: Job, name: str) -> Any:
    """The feature column of a feature with ids."""
    feature = next(feature for feature in job.inputs if feature.name == name)
    sparse = SparseFeat(name, feature.rows, job.embedding_dim, embedding_name=feature.table)
    return VarLenSparseFeat(sparse, maxlen=feature.width, combiner="mean") if feature.kind == IDS else sparse


def fed(job: Job, rows: SplitRows) -> dict[str, np.ndarray]:
    """The rows as the model takes them."""
    numbers = [rows.inputs[feature.name] for feature in job.inputs if feature.kind == NUMBERS]
    inputs = {feature.name: rows.inputs[feature.name] for feature in job.inputs if feature.kind in {ID, IDS}}
    return inputs | ({NUMBERS: np.concatenate(numbers, axis=1)} if numbers else {})


def predicted(model: tf.keras.Model, job: Job, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The probabilities of each task, `[n]`."""
    outputs = model.predict(inputs, batch_size=_PREDICT, verbose=0)
    return {task: np.ravel(values) for task, values in zip(job.tasks, outputs, strict=True)}


class Follow(tf.keras.callbacks.Callback):
    """Stops where validation AP no longer rises, and keeps the weights of the best epoch."""

    def __init__(self, job: Job, validation: SplitRows, examples: int) -> None:
        super().__init__()
        self.watch = Watch(job, validation, examples)
        self.best_weights: list[np.ndarray] = []
        self._job = job
        self._inputs = fed(job, validation)
        self._best, self._best_ap = 0, -np.inf

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Starts the clock."""
        self.watch.start()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Judges the epoch."""
        self.watch.stop()
        ap = self.watch.judge(predicted(self.model, self._job, self._inputs))
        if ap > self._best_ap:
            self._best, self._best_ap, self.best_weights = epoch, ap, self.model.get_weights()
        self.model.stop_training = epoch - self._best >= self._job.patience


if __name__ == "__main__":
    main()
