"""Several replicas share each batch; devices cannot be split once TensorFlow has started, so they run in a process."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models.errors import TrainingError
from models.training.replicas import strategy_for
from tests.models.prepared import SHOWS
from tests.models.training.two_replicas import BALANCERS, NEW


@pytest.fixture(scope="module")
def result() -> dict:
    program = [sys.executable, "-m", "tests.models.training.two_replicas"]
    run = subprocess.run(
        program, cwd=Path(__file__).resolve().parents[3], stdout=subprocess.PIPE, check=True, timeout=600
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("case", ["batch", "allowed", "averaged ensemble", "switches"])
def test_two_replicas_make_the_update_of_the_global_batch(result: dict, case: str) -> None:
    assert result[case]["apart"] < 1e-5
    single, double = result[case]["losses"]
    np.testing.assert_allclose(single, double, rtol=1e-5)


def test_the_trained_model_has_ordinary_variables(result: dict) -> None:
    assert result["plain"] == ["ResourceVariable"]


def test_two_replicas_drop_as_much_as_one(result: dict) -> None:
    # They draw other numbers, so the weights differ, and the losses are nearly the same.
    assert result["dropout"]["apart"] > 1e-3
    single, double = result["dropout"]["losses"]
    np.testing.assert_allclose(single, double, rtol=0.05)


@pytest.mark.parametrize("kind", BALANCERS)
def test_a_balancer_learns_the_same_on_each_replica_as_on_one(result: dict, kind: str) -> None:
    assert result[kind]["apart"] < 1e-4
    single, double = result[kind]["losses"]
    np.testing.assert_allclose(single, double, rtol=1e-4)
    for (state,), copies in zip(result[kind]["state"], result[kind]["states"], strict=True):
        assert len(copies) == 2
        assert copies[0] == copies[1]
        np.testing.assert_allclose(copies[0], state, rtol=1e-3, atol=1e-5)


def test_new_ids_score_like_hidden_ones_with_two_replicas_too(result: dict) -> None:
    assert result["like_missing"] == [0, *range(NEW, SHOWS)]


def test_one_replica_is_the_default_strategy() -> None:
    assert strategy_for(1) is tf.distribute.get_strategy()


def test_more_replicas_than_devices_are_an_error() -> None:
    with pytest.raises(TrainingError, match=r"trainer.replicas is 99, but TensorFlow sees only \d+ .PU devices?"):
        strategy_for(99)
