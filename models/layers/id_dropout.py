"""Id dropout: in training, ids become the missing id at random."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable("coldcast")
class IdDropout(keras.layers.Layer):
    """Replaces ids by the id that means missing, at random in training; in scoring ids pass unchanged.

        y_c = missing_c with probability rate_c, else x_c, independently for each example and column c

    A model that only knows things by their ids cannot score new ones. This makes it learn from their content, too.
    Source: Volkovs, Yu and Poutanen, "DropoutNet: addressing cold start in recommender systems" (NeurIPS 2017), which
    hides the learned preference of a user or an item in the same way.

    Args:
        missing: for each column, the row of the fused embedding table that means missing.
        rates: for each column, the share of examples, in [0, 1); 0 leaves the column as it is.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(self, missing: Sequence[int], rates: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.missing = [int(row) for row in missing]
        self.rates = [float(rate) for rate in rates]
        self._seeds = keras.random.SeedGenerator()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Checks the shape.

        Raises:
            ValueError: the input is not `[n, columns]`.
        """
        if len(input_shape) != 2 or input_shape[1] != len(self.missing):
            raise ValueError(f"IdDropout takes [n, {len(self.missing)}], not {input_shape}")

    def call(self, ids: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        """Maps int32 `[n, columns]` to the same with some ids replaced if `training`."""
        if not training:
            return ids
        draws = keras.random.uniform(keras.ops.shape(ids), seed=self._seeds)
        return keras.ops.where(draws < np.array(self.rates, np.float32), np.array(self.missing, np.int32), ids)

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        return {**super().get_config(), "missing": self.missing, "rates": self.rates}
