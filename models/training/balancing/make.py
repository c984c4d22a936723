"""The balancer that a config names."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from models.config import TrainerConfig
from models.network import ENCODER, tower_name
from models.training.balancing.balancer import Balancer
from models.training.balancing.config import FamoConfig, GradNormConfig, PcGradConfig, UncertaintyConfig
from models.training.balancing.famo import Famo
from models.training.balancing.fixed import FixedWeights
from models.training.balancing.gradnorm import GradNorm
from models.training.balancing.pcgrad import PcGrad
from models.training.balancing.uncertainty import UncertaintyWeights


def make_balancer(heads: Sequence[str], config: TrainerConfig, model: keras.Model, seed: int) -> Balancer:
    """The balancer of the config; call it in the scope of the strategy, as for the model.

    Args:
        heads: the tasks, in the order of the losses.
        config: chooses the balancer.
        model: for a balancer that compares gradients.
        seed: of a balancer that draws random numbers.
    """
    chosen, weights = config.balancer, fixed_weights(heads, config.loss_weights)
    if isinstance(chosen, UncertaintyConfig):
        return UncertaintyWeights(weights, chosen.learning_rate)
    if isinstance(chosen, GradNormConfig):
        return GradNorm(weights, shared_weights(model), chosen.learning_rate, chosen.alpha)
    if isinstance(chosen, PcGradConfig):
        return PcGrad(weights, tower_weights(model, heads), seed)
    if isinstance(chosen, FamoConfig):
        return Famo(weights, chosen.learning_rate, chosen.decay)
    return FixedWeights(weights)


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
