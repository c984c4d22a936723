import io

import pytest
from rich.console import Console

from models.metrics.readings import Reading
from models.tasks import TASKS, Task
from models.training.loop import Epoch
from models.training.progress import TrainingProgress


def test_an_epoch_s_line_has_the_ap_of_every_stream_task_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ad = frozenset[str]({"ad"})
    monkeypatch.setitem(TASKS, "played_ad", Task("played_ad", "stream", ad, ad))  # type: ignore[arg-type]
    monkeypatch.setitem(TASKS, "click_upstream", Task("click_upstream", "click", ad, ad))  # type: ignore[arg-type]
    found = (Reading("played_ad", "ad", 0.25, 3, 9), Reading("click_upstream", "ad", 0.75, 3, 9))
    screen = io.StringIO()
    both = (*found, Reading("ad_stream", "ad", 0.5, 3, 9))
    with TrainingProgress("joint", 100, 4, Console(file=screen, width=200)) as progress:
        progress.epoch(Epoch(1, {"played_ad": 0.5}, found, 0.25, 100, 2.0))
        progress.epoch(Epoch(2, {"played_ad": 0.5}, both, 0.25, 100, 2.0))
        progress.chosen(1, 3)
    assert screen.getvalue() == (
        "joint epoch 1/4: loss 0.5000, stream AP ad 0.2500, 50 examples/s\n"
        "joint epoch 2/4: loss 0.5000, stream AP played_ad 0.2500, ad_stream 0.5000, 50 examples/s\n"
        "joint: the model is that of epoch 1, the best of 3\n"
    )
