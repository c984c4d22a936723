"""Files about training for people: TensorBoard's scalars and `training.json`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import tensorflow as tf

from files.atomic import write_file
from models.report_file import TRAINING_REPORT
from models.training.epochs import Epoch, Trained
from models.training.expert_use import ExpertUse


class TensorBoard:
    """Writes each epoch's scalars.

    These are `loss/<head>`, `validation_ap/<head>/<source>`, `validation_loss/<head>/<source>`, and
    `examples_per_second`. If the balancer has them, also `balance/weight/<head>` and `balance/conflicts`.

    Args:
        folder: where the event file goes.
    """

    def __init__(self, folder: str) -> None:
        self._writer = tf.summary.create_file_writer(folder)

    def begin(self, examples: int) -> None:
        """Does nothing: only a bar needs the length of an epoch."""

    def step(self, examples: int) -> None:
        """Does nothing: batches are not written."""

    def epoch(self, epoch: Epoch) -> None:
        """Writes the epoch's scalars at its number."""
        with self._writer.as_default(step=epoch.number):
            for head, loss in epoch.losses.items():
                tf.summary.scalar(f"loss/{head}", loss)
            for reading in epoch.readings:
                if reading.ap is not None:
                    tf.summary.scalar(f"validation_ap/{reading.head}/{reading.source}", reading.ap)
                if reading.loss is not None:
                    tf.summary.scalar(f"validation_loss/{reading.head}/{reading.source}", reading.loss)
            tf.summary.scalar("validation_ap/stream_mean", epoch.stream_ap)
            tf.summary.scalar("examples_per_second", epoch.examples_per_second)
            for head, weight in (epoch.balance.weights or {}).items():
                tf.summary.scalar(f"balance/weight/{head}", weight)
            if epoch.balance.conflicts is not None:
                tf.summary.scalar("balance/conflicts", epoch.balance.conflicts)
        self._writer.flush()

    def experts(self, uses: Sequence[ExpertUse], epoch: int) -> None:
        """Writes `experts/zeros/<expert>` and `experts/weight/<gate>/<expert>` of the model, at its epoch's number."""
        with self._writer.as_default(step=epoch):
            for use in uses:
                tf.summary.scalar(f"experts/zeros/{use.expert}", use.zeros)
                for gate, weight in use.weights.items():
                    tf.summary.scalar(f"experts/weight/{gate}/{use.expert}", weight)
        self._writer.flush()


def training_report(name: str, trained: Trained, prepared_seconds: float) -> dict[str, Any]:
    """The content of `training.json`.

    Args:
        name: the branch.
        trained: the trained model with its history.
        prepared_seconds: wall time of reading and transforming the splits.

    Returns:
        `branch`; `chosen_epoch`, from 1; `prepare_seconds`; `calibrations`, the fields of `Calibration` by head;
        `started_from`, null or the fields of `Carried`; `experts`, a list with the fields of `ExpertUse`; and `epochs`,
        each with `number`, `losses` by head, `readings` (the fields of `Reading`),
        `stream_ap`, `examples`, `seconds`, `balance` (the fields of `Balance`), and `examples_per_second`.
    """
    return {
        "branch": name,
        "chosen_epoch": trained.chosen,
        "prepare_seconds": prepared_seconds,
        "calibrations": {head: asdict(calibration) for head, calibration in trained.calibrations.items()},
        "started_from": None if trained.carried is None else asdict(trained.carried),
        "experts": [asdict(use) for use in trained.experts],
        "epochs": [{**asdict(epoch), "examples_per_second": epoch.examples_per_second} for epoch in trained.epochs],
    }


def write_report(report: dict[str, Any], folder: str) -> None:
    """Writes `training.json` into `folder`; readers see the whole file or none."""
    write_file(f"{folder}/{TRAINING_REPORT}", json.dumps(report, indent=1))
