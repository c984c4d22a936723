"""Stops training, and keeps the weights of the epoch with the best validation AP of streams."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf


class Stopping:
    """Watches the AP after each epoch and keeps the best epoch's weights.

    Args:
        epochs: most epochs.
        patience: epochs without a better AP after which training stops.
        state: variables beside the model that belong to its weights.

    Attributes:
        best: number of the best epoch, from 1; 0 before the first.
    """

    def __init__(self, epochs: int, patience: int, state: Sequence[tf.Variable] = ()) -> None:
        self.best = 0
        self._epochs = epochs
        self._patience = patience
        self._passed = 0
        self._best_ap = -np.inf
        self._state = state
        self._weights: list[np.ndarray] = []
        self._values: list[np.ndarray] = []

    @property
    def done(self) -> bool:
        """Whether no more epochs are trained."""
        return self._passed == self._epochs or self._passed - self.best == self._patience

    def judge(self, stream_ap: float, model: keras.Model) -> bool:
        """Takes the AP after the next epoch; returns whether it is above all before."""
        self._passed += 1
        better = stream_ap > self._best_ap
        if better:
            self.best, self._best_ap, self._weights = self._passed, stream_ap, model.get_weights()
            self._values = [variable.numpy().copy() for variable in self._state]
        return better

    def restore(self, model: keras.Model) -> None:
        """Gives the best epoch's weights to a model of the same architecture, and its values to the state beside it."""
        model.set_weights(self._weights)
        for variable, value in zip(self._state, self._values, strict=True):
            variable.assign(value)
