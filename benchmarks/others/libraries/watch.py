"""The AP that chooses the epoch, the clock, and the files of results, for the processes of both libraries."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import average_precision_score

from .job import Job
from .rows import SplitRows

RESULT, PREDICTIONS = "result.json", "predictions.parquet"


@dataclass(frozen=True)
class EpochResult:
    """AP and cost of one epoch.

    Attributes:
        ap: the mean validation AP of the deciding tasks over their sources.
        examples: examples trained on.
        cpu_seconds: of the training steps, of all threads, without validation.
    """

    ap: float
    examples: int
    cpu_seconds: float


class Watch:
    """Counts the CPU time of each epoch and judges it on the validation rows.

    Args:
        job: the job.
        validation: the validation rows.
        examples: of one epoch.
    """

    def __init__(self, job: Job, validation: SplitRows, examples: int) -> None:
        self.epochs: list[EpochResult] = []
        self._job = job
        self._validation = validation
        self._examples = examples
        self._started = time.process_time()
        self._spent = 0.0

    def start(self) -> None:
        """Starts the clock; call it where training goes on."""
        self._started = time.process_time()

    def stop(self) -> None:
        """Stops the clock; call it where an epoch's training ends, before validation."""
        self._spent = time.process_time() - self._started

    def judge(self, predictions: Mapping[str, np.ndarray]) -> float:
        """Takes the probabilities of the validation rows by task, and prints the epoch for the parent process."""
        ap = decisive_ap(self._job, self._validation, predictions)
        self.epochs.append(EpochResult(ap, self._examples, self._spent))
        print(json.dumps(asdict(self.epochs[-1])), flush=True)
        return ap


def decisive_ap(job: Job, rows: SplitRows, predictions: Mapping[str, np.ndarray]) -> float:
    """The mean AP of the deciding tasks, each on the rows of its source; a source without positives is left out."""
    aps = []
    for source, task in job.deciding.items():
        own = rows.source == source
        if rows.labels[task][own].any():
            aps.append(average_precision_score(rows.labels[task][own], predictions[task][own]))
    return float(np.mean(aps))


def write_results(folder: Path, epochs: list[EpochResult], predictions: Mapping[str, np.ndarray]) -> None:
    """Writes the epochs, and the probabilities of the test rows by task, in the order of the rows."""
    pq.write_table(
        pa.table({task: np.ravel(values).astype(np.float32) for task, values in predictions.items()}),
        folder / PREDICTIONS,
    )
    (folder / RESULT).write_text(json.dumps([asdict(epoch) for epoch in epochs]))
