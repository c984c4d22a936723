import pytest

from experiments.systems.configs import ExperimentWorld, Model
from experiments.systems.progress import TimeLeft, duration
from experiments.systems.system import System
from pipeline.configuration.file import load_config

JOINT = Model(ExperimentWorld("world-7", load_config("tiny")), System("joint", "joint"), 2)


def test_the_time_left_is_that_of_the_trained_models():
    left = TimeLeft(12)
    assert left.line(JOINT, 2.0, cached=True) == "[ 1/12] joint, seed 2, world-7: cached"
    assert left.line(JOINT, 200.0, cached=False) == "[ 2/12] joint, seed 2, world-7: 200 s; about 33 min left"
    left.line(JOINT, 40.0, cached=False)
    # the first run of a world is long, so the median of 40, 44, and 200 s counts: 8 x 44 s
    assert left.line(JOINT, 44.0, cached=False) == "[ 4/12] joint, seed 2, world-7: 44 s; about 6 min left"


def test_the_last_model_leaves_nothing():
    assert TimeLeft(1).line(JOINT, 5.0, cached=False) == "[1/1] joint, seed 2, world-7: 5 s"


@pytest.mark.parametrize(("seconds", "text"), [(40, "40 s"), (720, "12 min"), (12_600, "3.5 h")])
def test_durations_are_short(seconds: float, text: str):
    assert duration(seconds) == text
