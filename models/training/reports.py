"""What a training run leaves behind for people: TensorBoard's scalars and `training.json`."""

import json
from dataclasses import asdict
from typing import Any

import tensorflow as tf

from models.training.loop import Epoch, Trained

REPORT = "training.json"


class TensorBoard:
    """Writes each epoch's scalars: `loss/<head>`, `validation_ap/<head>/<source>`, `examples_per_second`.

    Args:
        folder: where the event file goes.
    """

    def __init__(self, folder: str) -> None:
        self._writer = tf.summary.create_file_writer(folder)

    def step(self, examples: int) -> None:
        """Batches are not written."""

    def epoch(self, epoch: Epoch) -> None:
        """Writes the epoch's scalars at its number."""
        with self._writer.as_default(step=epoch.number):
            for head, loss in epoch.losses.items():
                tf.summary.scalar(f"loss/{head}", loss)
            for one in epoch.readings:
                if one.ap is not None:
                    tf.summary.scalar(f"validation_ap/{one.head}/{one.source}", one.ap)
            tf.summary.scalar("validation_ap/stream_mean", epoch.stream_ap)
            tf.summary.scalar("examples_per_second", epoch.examples_per_second)
        self._writer.flush()


def training_report(recipe_name: str, trained: Trained, prepared_seconds: float) -> dict[str, Any]:
    """The content of `training.json`.

    Returns:
        `recipe`; `chosen_epoch`, from 1; `prepare_seconds`, the wall time of reading and transforming the splits; and
        `epochs`, each with `number`, `losses` by head, `readings` (head, source, ap or null, positives, examples),
        `stream_ap`, `examples`, `seconds` and `examples_per_second`.
    """
    return {
        "recipe": recipe_name,
        "chosen_epoch": trained.chosen,
        "prepare_seconds": prepared_seconds,
        "epochs": [{**asdict(epoch), "examples_per_second": epoch.examples_per_second} for epoch in trained.epochs],
    }


def write_report(report: dict[str, Any], folder: str) -> None:
    """Writes `training.json` into `folder` under another name first, so that it is never half there."""
    tf.io.gfile.makedirs(folder)
    path = f"{folder}/{REPORT}"
    with tf.io.gfile.GFile(path + ".partial", "w") as file:
        file.write(json.dumps(report, indent=1))
    tf.io.gfile.rename(path + ".partial", path, overwrite=True)
