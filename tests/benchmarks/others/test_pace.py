import pytest

from benchmarks.others import pace
from benchmarks.others.pace import Pace, examples_per_cpu_second, with_encoder
from models.encoders.config import DenseConfig, PleConfig
from models.prepared_rows import PreparedRows
from tests.benchmarks.others.test_exchange import spec
from tests.models.prepared import random_rows, small_layout


@pytest.fixture
def clock(monkeypatch):
    """Every call of the clock takes as many seconds as the calls before it: 0, 1, 3, 6, 10, 15, ..."""
    calls = iter(range(100))
    now = [0.0]

    def process_time() -> float:
        now[0] += next(calls)
        return now[0]

    monkeypatch.setattr(pace.time, "process_time", process_time)


def test_only_the_time_between_two_steps_of_one_later_epoch_counts(clock):
    follow = Pace()
    follow.begin(30)
    for _ in range(2):
        for _ in range(3):
            follow.step(10)
        follow.epoch(None)
    assert (follow.examples, follow.seconds) == (20, 4.0 + 5.0)  # the clock's fourth to sixth call: 6, 10, 15


def test_our_loop_trains_several_epochs_without_stopping(clock, monkeypatch):
    specs = []

    def train(spec, layout, rows: PreparedRows, validation, observers):
        specs.append(spec)
        for _ in range(2):
            for _ in range(3):
                observers[0].step(10)
            observers[0].epoch(None)

    monkeypatch.setattr(pace, "train", train)
    rows = random_rows(5, 5)
    assert examples_per_cpu_second(spec(), small_layout(), rows, rows) == pytest.approx(20 / 9)
    assert (specs[0].trainer.epochs, specs[0].trainer.patience) == (3, 3)


def test_an_epoch_of_one_step_tells_nothing(monkeypatch):
    monkeypatch.setattr(pace, "train", lambda *arguments: None)
    assert examples_per_cpu_second(spec(), small_layout(), random_rows(2, 2), random_rows(2, 2)) is None


def test_another_encoder_keeps_the_dropout_of_the_branch():
    dense = spec().model_copy(update={"recipe": spec().recipe.model_copy(update={"encoder": DenseConfig(dropout=0.2)})})
    assert with_encoder(dense, "ple").recipe.encoder == PleConfig(dropout=0.2)
