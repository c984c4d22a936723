"""The embedding rows of ids that training never met."""

import keras
import numpy as np
import tensorflow as tf

from models.config import ModelConfig
from models.training.row_adam import RowAdam
from transforms.packed import PackedLayout


class NewIds:
    """Makes a new id score like a hidden one: a row that no step has moved gets the values of the missing id's row.

    Id dropout teaches the missing id's row of a feature to stand for an id that is not known. But a new id has a row of
    its own, such as a bucket of a hash. Without this, that row would still be as random as before the first step.

    A row that came from another model counts as learned, unless it was that model's row of the missing id too.

    Args:
        layout: the rows of each feature.
        config: which features id dropout hides; the rows of others stay as they are.
        table: the embedding table, before the first step.
        optimizer: moves its rows.
        random: the values of the table before it took over rows of another model, float32 `[rows, dim]`.
    """

    def __init__(
        self,
        layout: PackedLayout,
        config: ModelConfig,
        table: keras.Variable,
        optimizer: RowAdam,
        random: np.ndarray,
    ) -> None:
        self._table = table.value
        self._optimizer = optimizer
        # The row of the missing id for each row; the row itself where ids are never hidden.
        self._missing = np.arange(layout.rows)
        for feature in layout.ids:
            if config.id_dropout and feature.name in config.id_dropout_features:
                self._missing[feature.row : feature.row + feature.rows] = feature.row
        start = table.numpy()
        self._learned_before = (start != random).any(axis=1) & (start != start[self._missing]).any(axis=1)

    def follow(self, strategy: tf.distribute.Strategy) -> None:
        """Gives the rows their values; outside of a replica."""
        values = self._table.numpy()
        new = ~self._optimizer.moved() & ~self._learned_before
        values[new] = values[self._missing[new]]
        with strategy.scope():
            self._table.assign(values)
