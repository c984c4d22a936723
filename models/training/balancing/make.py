"""The balancer that a config names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from models.config import TrainerConfig
from models.network import ENCODER, tower_name
from models.training.balancing.balancer import Balancer


@dataclass(frozen=True)
class Tasks:
    """The tasks of a model, for making a balancer.

    Attributes:
        heads: the tasks, in the order of the losses.
        weights: float32 `[heads]`, `lambda_t` of the config.
        model: the model that learns them.
        seed: of a balancer that draws random numbers.
    """

    heads: tuple[str, ...]
    weights: np.ndarray
    model: keras.Model
    seed: int

    @property
    def shared(self) -> list[tf.Variable]:
        """The variables that all tasks train."""
        return shared_weights(self.model)

    @property
    def towers(self) -> list[tf.Variable]:
        """The variables that one task trains, of all tasks."""
        return tower_weights(self.model, self.heads)


def make_balancer(heads: Sequence[str], config: TrainerConfig, model: keras.Model, seed: int) -> Balancer:
    """The balancer of the config; call it in the scope of the strategy, as for the model.

    Args:
        heads: the tasks, in the order of the losses.
        config: chooses the balancer.
        model: for a balancer that compares gradients.
        seed: of a balancer that draws random numbers.
    """
    return config.balancer.make(Tasks(tuple(heads), fixed_weights(heads, config.loss_weights), model, seed))


def shared_weights(model: keras.Model) -> list[tf.Variable]:
    """The encoder's trainable variables, which all tasks train, from its first layer to its last.

    The gates of `mmoe` are among them. Each belongs to one head, and the losses of other heads have gradient 0 there.
    """
    return [variable.value for variable in model.get_layer(ENCODER).trainable_variables]


def tower_weights(model: keras.Model, heads: Sequence[str]) -> list[tf.Variable]:
    """The trainable variables of the towers, each of which belongs to one task."""
    return [variable.value for head in heads for variable in model.get_layer(tower_name(head)).trainable_variables]


def fixed_weights(heads: Sequence[str], weights: Mapping[str, float]) -> np.ndarray:
    """`lambda_t` as float32 `[heads]`, 1 for a head without an entry."""
    return np.array([weights.get(head, 1.0) for head in heads], np.float32)
