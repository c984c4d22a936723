"""Runs a library's training in its own environment, and reads what it wrote."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.others.errors import OthersError
from benchmarks.others.libraries.job import Job

RESULT, PREDICTIONS = "result.json", "predictions.parquet"  # as in libraries/watch.py, which needs the environment


@dataclass(frozen=True)
class TrainingResult:
    """The result of a library's training.

    Attributes:
        epochs: epochs that were trained.
        chosen: number of the best one, from 1.
        validation_ap: its mean validation AP of streams.
        examples_per_cpu_second: of the training steps, without the first epoch if there are more.
        predictions: the probabilities of the test rows, a column for each task.
    """

    epochs: int
    chosen: int
    validation_ap: float
    examples_per_cpu_second: float
    predictions: pl.DataFrame


def train(
    python: Path, library: str, job: Job, rows: Path, out: Path, checkout: Path | None, after_epoch: Callable[[], None]
) -> TrainingResult:
    """Trains one model in a process of the library's environment.

    Args:
        python: of the environment.
        library: its name.
        job: what to train.
        rows: the folder with `train.parquet`, `validation.parquet`, and `test.parquet`.
        out: an empty folder for the job, the results, and the library's messages.
        checkout: of FuxiCTR's repository; None for DeepCTR.
        after_epoch: called after each epoch.

    Raises:
        OthersError: the process failed.
    """
    job.save(out / "job.json")
    files = [out / "job.json", *(rows / f"{split}.parquet" for split in ("train", "validation", "test")), out]
    command = [python, "-m", f"libraries.train_{library}", *files, *([checkout] if checkout else [])]
    log = out / "messages.log"
    with (
        log.open("w") as messages,
        subprocess.Popen(
            [str(part) for part in command],
            cwd=Path(__file__).parent,
            env=_variables(),
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                after_epoch()
    if process.returncode:
        raise OthersError(f"The training of {library}'s {job.model} failed; its messages are in {log}.")
    return read_result(out)


def _variables() -> dict[str, str]:
    """The environment's variables: no GPU, no chatter, and nothing that our own TensorFlow has set for itself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KERAS_", "PYTHON"))}
    return {**kept, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONWARNINGS": "ignore"}


def read_result(folder: Path) -> TrainingResult:
    """Reads what `write_results` wrote."""
    epochs = json.loads((folder / RESULT).read_text())
    best = max(range(len(epochs)), key=lambda place: epochs[place]["ap"])
    timed = epochs[1:] or epochs  # the first epoch may compile
    seconds = sum(epoch["cpu_seconds"] for epoch in timed)
    return TrainingResult(
        epochs=len(epochs),
        chosen=best + 1,
        validation_ap=epochs[best]["ap"],
        examples_per_cpu_second=sum(epoch["examples"] for epoch in timed) / seconds,
        predictions=pl.read_parquet(folder / PREDICTIONS),
    )
