"""Trains FuxiCTR's MMoE or PLE. Runs in an environment of its own, with PyTorch.

    python -m libraries.train_fuxictr JOB TRAIN VALIDATION TEST OUT CHECKOUT

The model, its initialization, and its training loop are FuxiCTR's; the loop clips gradients and lowers the learning
rate where validation does not rise. FuxiCTR embeds everything, so each feature with numbers is a field with a linear
embedding of its own. It has no weights for rows: a target here is the row's weight, with the sign of its label, and the
loss takes both from it.
"""

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fuxictr.features import FeatureMap
from fuxictr.pytorch.torch_utils import seed_everything

from .job import IDS, NUMBERS, Job
from .rows import SplitRows, read_rows
from .watch import Watch, write_results

_PREDICT = 8192
_CLASSES = {"mmoe": "MMoE", "ple": "PLE"}


def main() -> None:
    """Trains, and writes the results."""
    job_file, train_file, validation_file, test_file, out, checkout = map(Path, sys.argv[1:])
    job = Job.load(job_file)
    train, validation, test = (read_rows(path, job) for path in (train_file, validation_file, test_file))
    seed_everything(job.seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    watch = Watch(job, validation, len(train))
    model = built(job, library_class(checkout, job.model), watch, out)
    Path(model.model_dir).mkdir(parents=True)
    watch.start()
    model.fit(Batches(train, job.batch_size, job.seed), job.epochs, Batches(validation, _PREDICT))
    write_results(out, watch.epochs, predicted(model, Batches(test, _PREDICT)))


def library_class(checkout: Path, model: str) -> Any:
    """The class of a model, from the file in a checkout of FuxiCTR: its package on the registry lacks the models."""
    name = _CLASSES[model]
    path = checkout / "model_zoo" / "multitask" / name / "src" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def built(job: Job, base: Any, watch: Watch, folder: Path) -> Any:
    """The model of a job, which judges an epoch as `watch` does."""

    class Watched(base):
        """FuxiCTR's model with another validation."""

        def evaluate(self, data_generator: "Batches", metrics: object = None) -> dict[str, float]:  # noqa: ARG002
            watch.stop()
            ap = watch.judge(predicted(self, data_generator))
            watch.start()
            return {"AP": ap}

    experts = {"num_experts": job.shared_experts, "expert_hidden_units": list(job.units)}
    if job.model == "ple":
        experts = {
            "num_layers": len(job.units),
            "num_shared_experts": job.shared_experts,
            "num_specific_experts": job.task_experts,
            "expert_hidden_units": list(job.units[-1:]),  # PLE has the same units on every level
        }
    model = Watched(
        feature_map(job),
        task=["binary_classification"] * len(job.tasks),
        num_tasks=len(job.tasks),
        learning_rate=job.learning_rate,
        embedding_dim=job.embedding_dim,
        gate_hidden_units=[],
        tower_hidden_units=list(job.tower_units),
        net_dropout=job.dropout,
        batch_norm=True,
        optimizer="adam",
        loss="binary_crossentropy",
        metrics=["AP"],
        monitor="AP",
        early_stop_patience=job.patience,
        verbose=0,
        model_root=str(folder),
        **experts,
    )
    model.loss_fn = [weighted_loss] * len(job.tasks)
    return model


def weighted_loss(predicted: torch.Tensor, target: torch.Tensor, reduction: str) -> torch.Tensor:
    """Cross-entropy of rows with weights: `target` is the weight, below 0 where the label is 0."""
    labels = (target > 0).float()
    return torch.nn.functional.binary_cross_entropy(predicted, labels, weight=target.abs(), reduction=reduction)


def feature_map(job: Job) -> FeatureMap:
    """The features as FuxiCTR describes them."""
    result = FeatureMap("coldcast", ".")
    padded = {feature.table for feature in job.inputs if feature.kind == IDS}
    owners: dict[str, str] = {}
    for feature in job.inputs:
        if feature.kind == NUMBERS:
            spec: dict[str, Any] = {"type": "embedding", "pretrain_dim": feature.width}
        else:
            spec = {"type": "categorical", "vocab_size": feature.rows}
            if feature.kind == IDS:
                encoder = "layers.MaskedAveragePooling()"
                spec |= {"type": "sequence", "max_len": feature.width, "feature_encoder": encoder}
            if feature.table in padded:
                spec["padding_idx"] = 0
            if feature.table in owners:
                spec["share_embedding"] = owners[feature.table]
            owners.setdefault(feature.table, feature.name)
        result.features[feature.name] = {"source": "", **spec}
    result.labels = list(job.tasks)
    result.num_fields = result.get_num_fields()
    return result


def predicted(model: Any, batches: "Batches") -> dict[str, np.ndarray]:
    """The probabilities of each task, `[n]`."""
    return {task: np.asarray(values) for task, values in model.predict(batches).items()}


class Batches:
    """Batches of rows that are in memory, each a tensor by feature and a target by task.

    Args:
        rows: the rows.
        size: rows of a batch; the last one may be smaller.
        seed: shuffles the rows anew for each pass; None keeps their order.
    """

    def __init__(self, rows: SplitRows, size: int, seed: int | None = None) -> None:
        targets = {task: np.where(rows.labels[task] > 0, weights, -weights) for task, weights in rows.weights.items()}
        columns: Mapping[str, np.ndarray] = {**rows.inputs, **targets}
        self._columns = {name: torch.tensor(values) for name, values in columns.items()}
        self._rows, self._size = len(rows), size
        self._generator = None if seed is None else torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return -(-self._rows // self._size)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        order = None if self._generator is None else torch.randperm(self._rows, generator=self._generator)
        for start in range(0, self._rows, self._size):
            chosen = slice(start, start + self._size) if order is None else order[start : start + self._size]
            yield {name: values[chosen] for name, values in self._columns.items()}


if __name__ == "__main__":
    main()
