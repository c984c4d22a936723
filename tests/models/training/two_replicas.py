"""Run as a program: trains on one and on two logical CPU devices, and prints how far the weights are apart."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig, EncoderConfig, TabmConfig
from models.network import embedding_table
from models.spec import TrainingSpec
from models.training import learner
from models.training.balancing.balancer import Balancer
from models.training.balancing.config import KINDS
from models.training.balancing.make import make_balancer
from models.training.epochs import Trained
from models.training.loop import train
from tests.models.prepared import RECIPES, SHOWS, SWITCHES, random_rows, rich_layout, rich_rows, small_layout

BALANCERS = tuple(kind for kind in KINDS if kind != "fixed")

NEW = 40
"""Shows from this one on are new to a model with switches."""

AVERAGED = {"average_decay": 0.9, "weight_decay": 0.1, "embedding_weight_decay": 0.1}
"""Switches of training that all replicas share."""


def trained(replicas: int, encoder: EncoderConfig, **trainer: object) -> Trained:
    """One epoch of `joint` on small rows."""
    values = {"batch_size": 128, "epochs": 1, "replicas": replicas, **trainer}
    spec = TrainingSpec(
        name="joint",
        recipe=RECIPES["joint"].model_copy(update={"encoder": encoder}),
        sources=("promotion", "ad"),
        model=ModelConfig(tower_units=(8,), embedding_dim=4),
        trainer=TrainerConfig.model_validate(values),
    )
    return train(spec, small_layout(), random_rows(300, 1200, seed=1), random_rows(100, 400, seed=2))


def trained_with_switches(replicas: int, id_dropout: float = 0.0) -> Trained:
    """One epoch of a model with all that is optional about inputs; shows from `NEW` on are in no training row."""
    spec = TrainingSpec(
        name="joint",
        recipe=RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(16, 8), dropout=0.0)}),
        sources=("promotion", "ad"),
        model=SWITCHES.model_copy(update={"id_dropout": id_dropout}),
        trainer=TrainerConfig(batch_size=128, epochs=1, replicas=replicas),
    )
    rows = rich_rows(300, 1200, seed=1)
    known = replace(rows, ids=np.where((rows.ids >= NEW) & (rows.ids < SHOWS), rows.ids - NEW + 1, rows.ids))
    return train(spec, rich_layout(), known, rich_rows(100, 400, seed=2))


def compared(single: Trained, double: Trained) -> dict[str, object]:
    """The largest difference of the weights, and the losses of each."""
    pairs = list(zip(single.model.get_weights(), double.model.get_weights(), strict=True))
    return {
        "apart": float(max(np.abs(weight - other).max() for weight, other in pairs)),
        "losses": [list(run.epochs[0].losses.values()) for run in (single, double)],
    }


def balanced(kind: str, replicas: int) -> tuple[Trained, list[list[list[float]]]]:
    """A training with a balancer, and the balancer's state on each replica."""
    made: list[Balancer] = []

    def make(heads: Sequence[str], config: TrainerConfig, model: keras.Model, seed: int) -> Balancer:
        made.append(make_balancer(heads, config, model, seed))
        return made[-1]

    with mock.patch.object(learner, "make_balancer", make):
        run = trained(replicas, DenseConfig(units=(16, 8), dropout=0.0), balancer=kind)
    (balancer,) = made
    copies = [variable.values if replicas > 1 else [variable] for variable in balancer.state]
    return run, [[copy.numpy().tolist() for copy in copies_of] for copies_of in copies]


def main() -> None:
    """Prints a JSON object."""
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    result: dict[str, object] = {}
    dense, ensemble = DenseConfig(units=(16, 8), dropout=0.0), TabmConfig(members=2, units=(16, 8), dropout=0.0)
    cases: dict[str, tuple[EncoderConfig, dict]] = {
        "batch": (dense, {}),
        "allowed": (dense, {"mean_over": "allowed"}),
        "averaged ensemble": (ensemble, AVERAGED),
    }
    for name, (encoder, trainer) in cases.items():
        result[name] = compared(*(trained(replicas, encoder, **trainer) for replicas in (1, 2)))
    result["switches"] = compared(*(trained_with_switches(replicas) for replicas in (1, 2)))
    single, double = (trained(replicas, DenseConfig(units=(16, 8), dropout=0.4)) for replicas in (1, 2))
    result["dropout"] = compared(single, double)
    result["plain"] = sorted({type(weight.value).__name__ for weight in double.model.weights})
    for kind in BALANCERS:
        (single, state), (double, states) = (balanced(kind, replicas) for replicas in (1, 2))
        result[kind] = {**compared(single, double), "state": state, "states": states}
    table = embedding_table(trained_with_switches(2, id_dropout=0.3).model).numpy()
    result["like_missing"] = np.flatnonzero((table == table[0]).all(axis=1)).tolist()
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
