"""Logits of prepared rows."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from models.prepared_rows import PreparedRows

_BATCH = 8192


def make_scorer(model: keras.Model) -> Callable[[PreparedRows], dict[str, np.ndarray]]:
    """A function from rows to float32 logits `[n]` by head, as the model now stands; compiled once."""

    @tf.function(reduce_retracing=True)
    def batch(ids: tf.Tensor, floats: tf.Tensor) -> dict[str, tf.Tensor]:
        logits: dict[str, tf.Tensor] = model({"ids": ids, "floats": floats}, training=False)
        return logits

    def score(rows: PreparedRows) -> dict[str, np.ndarray]:
        pieces = [
            batch(tf.constant(rows.ids[start : start + _BATCH]), tf.constant(rows.floats[start : start + _BATCH]))
            for start in range(0, len(rows), _BATCH)
        ]
        return {head: np.concatenate([piece[head].numpy() for piece in pieces]) for head in pieces[0]}

    return score
