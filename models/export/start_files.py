"""The files of an exported model that a later training run starts from: its weights, and what its inputs mean.

A SavedModel keeps weights under names of its own, and embedding rows without the values behind them.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from pydantic import ValidationError

from models.errors import TrainingError
from models.model_inputs import ModelInputs

WEIGHTS_FILE = "assets.extra/coldcast_weights.npz"
INPUTS_FILE = "assets.extra/coldcast_inputs.json"


@dataclass(frozen=True)
class StartModel:
    """A model that training can start from.

    Attributes:
        folder: where it was read from.
        weights: arrays by path of the variable.
        inputs: what its inputs mean.
    """

    folder: str
    weights: Mapping[str, np.ndarray]
    inputs: ModelInputs


def write_start(model: keras.Model, inputs: ModelInputs, savedmodel: str) -> None:
    """Adds the files to the SavedModel in the folder `savedmodel`."""
    weights = io.BytesIO()
    np.savez(weights, **{variable.path: variable.numpy() for variable in model.weights})
    tf.io.gfile.makedirs(f"{savedmodel}/assets.extra")
    for name, content in ((WEIGHTS_FILE, weights.getvalue()), (INPUTS_FILE, inputs.model_dump_json().encode())):
        with tf.io.gfile.GFile(f"{savedmodel}/{name}", "wb") as file:
            file.write(content)


def read_start(savedmodel: str) -> StartModel:
    """The model in the folder `savedmodel`.

    Raises:
        TrainingError: the folder holds no model of this project, or one of a version that does not write these files.
    """
    try:
        with np.load(io.BytesIO(_read(f"{savedmodel}/{WEIGHTS_FILE}"))) as arrays:
            weights = {path: arrays[path] for path in arrays.files}
        inputs = ModelInputs.model_validate_json(_read(f"{savedmodel}/{INPUTS_FILE}"))
    except (tf.errors.OpError, ValidationError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"{savedmodel} is not a model that training can start from: {WEIGHTS_FILE} or {INPUTS_FILE} cannot be "
            "read; name the folder of a model that this version of Coldcast trained"
        ) from error
    return StartModel(savedmodel, weights, inputs)


def _read(path: str) -> bytes:
    with tf.io.gfile.GFile(path, "rb") as file:
        content: bytes = file.read()
    return content
