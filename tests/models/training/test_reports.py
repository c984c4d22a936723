import io
import json
import re
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from rich.console import Console

from models.calibration import Calibration
from models.metrics.readings import Reading
from models.training.epochs import Balance, Epoch, Trained
from models.training.expert_use import ExpertUse
from models.training.progress import TrainingProgress
from models.training.reports import TensorBoard, training_report, write_report

EPOCHS = tuple(
    Epoch(
        number=number,
        losses={"promotion_stream": 0.25, "ad_stream": 0.5},
        readings=(
            Reading("promotion_stream", "stream", "promotion", 0.125 * number, 3, 10),
            Reading("ad_stream", "stream", "ad", None, 0, 20, 0.5),
        ),
        stream_ap=0.125 * number,
        examples=4000,
        seconds=2.0,
        balance=Balance({"promotion_stream": 1.25, "ad_stream": 0.75}, 0.5) if number == 2 else Balance(),
    )
    for number in (1, 2)
)


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    values = {}
    for file in folder.glob("events*"):
        for record in tf.data.TFRecordDataset(str(file)):
            event: Any = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                values[value.tag, event.step] = float(tf.make_ndarray(value.tensor))
    return values


def test_tensorboard_has_loss_by_task_ap_by_task_and_source_and_speed(tmp_path: Path) -> None:
    board = TensorBoard(str(tmp_path))
    for epoch in EPOCHS:
        board.epoch(epoch)
    values = scalars(tmp_path)
    assert values["loss/ad_stream", 1] == 0.5
    assert values["validation_ap/promotion_stream/promotion", 2] == 0.25
    assert values["validation_ap/stream_mean", 1] == 0.125
    assert values["validation_loss/ad_stream/ad", 1] == 0.5
    assert values["examples_per_second", 2] == 2000.0
    assert (values["balance/weight/ad_stream", 2], values["balance/conflicts", 2]) == (0.75, 0.5)
    assert not [key for key in values if key[0].startswith("balance") and key[1] == 1]  # fixed weights have none
    assert ("validation_ap/ad_stream/ad", 1) not in values  # without positives there is no AP


def test_the_report_is_json_with_null_where_there_is_no_ap(tmp_path: Path) -> None:
    use = ExpertUse("expert_0", {"gate_ad_stream": 0.5}, 0.25, None)
    calibrations = {"ad_stream": Calibration(0.5, -0.25)}
    trained = Trained(keras.Sequential(), EPOCHS, chosen=2, calibrations=calibrations, experts=(use,))
    report = training_report("joint", trained, prepared_seconds=1.5)
    write_report(report, str(tmp_path / "run"))
    content = json.loads((tmp_path / "run" / "training.json").read_text())
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["training.json"]
    assert (content["branch"], content["chosen_epoch"], content["prepare_seconds"]) == ("joint", 2, 1.5)
    assert content["calibrations"] == {"ad_stream": {"scale": 0.5, "bias": -0.25, "note": None}}
    assert content["started_from"] is None
    assert content["experts"] == [
        {"expert": "expert_0", "weights": {"gate_ad_stream": 0.5}, "zeros": 0.25, "problem": None}
    ]
    assert content["epochs"][1]["readings"] == [
        {
            "head": "promotion_stream",
            "label": "stream",
            "source": "promotion",
            "ap": 0.25,
            "positives": 3,
            "examples": 10,
            "loss": None,
        },
        {
            "head": "ad_stream",
            "label": "stream",
            "source": "ad",
            "ap": None,
            "positives": 0,
            "examples": 20,
            "loss": 0.5,
        },
    ]
    assert content["epochs"][0]["examples_per_second"] == 2000.0
    assert [epoch["balance"] for epoch in content["epochs"]] == [
        {"weights": None, "conflicts": None},
        {"weights": {"promotion_stream": 1.25, "ad_stream": 0.75}, "conflicts": 0.5},
    ]


def shown(*, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=150, color_system=None)
    with TrainingProgress("joint", 2, console) as progress:
        progress.begin(4000)
        for epoch in EPOCHS:
            for _ in range(4):
                progress.step(1000)
            progress.epoch(epoch)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_away_from_a_terminal_there_is_one_line_an_epoch() -> None:
    lines = shown(terminal=False).strip().splitlines()
    assert lines == [
        "joint epoch 1/2: loss 0.7500, stream AP promotion 0.1250, 2,000 examples/s",
        "joint epoch 2/2: loss 0.7500, stream AP promotion 0.2500, 2,000 examples/s",
    ]


def test_a_terminal_also_sees_a_bar_with_examples_and_their_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.progress._REFRESH_SECONDS", 0)
    text = shown(terminal=True)
    for number in (1, 2):
        assert re.search(rf"joint epoch {number}/2 .*3000/4000 +[\d,]+ examples/s", text)
    assert "joint epoch 2/2: loss" in text
