"""A check that every encoder's test makes."""

from pathlib import Path

import keras
import numpy as np

from models.encoders.encoder import Encoder


def check_reloads(encoder: Encoder, folder: Path) -> None:
    """Saves a model of the encoder, loads it again, and compares outputs and arguments.

    Args:
        encoder: unbuilt; takes float32 `[n, 3]`.
        folder: where to save.
    """
    inputs = keras.Input((3,))
    model = keras.Model(inputs, encoder(inputs))
    model.save(folder / "model.keras")
    reloaded = keras.saving.load_model(folder / "model.keras")
    x = np.ones((2, 3), np.float32)
    for head in encoder.heads:
        np.testing.assert_array_equal(reloaded(x)[head], model(x)[head])
    assert reloaded.layers[-1].get_config() == model.layers[-1].get_config()
