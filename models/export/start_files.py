"""The files of an exported model that a later training run starts from: its weights, and the meaning of its inputs.

A SavedModel keeps weights under names of its own, and embedding rows without the values behind them.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from pydantic import ValidationError

from models.errors import TrainingError
from models.model_inputs import ModelInputs
from transforms.known_ids import Known

WEIGHTS_FILE = "assets.extra/coldcast_weights.npz"
INPUTS_FILE = "assets.extra/coldcast_inputs.json"
KNOWN_FILE = "assets.extra/coldcast_known_ids.json"
"""Only in a model that is to be fine-tuned, or was: the hashed ids that its training has met."""


@dataclass(frozen=True)
class StartModel:
    """A model that training can start from.

    Attributes:
        folder: where it was read from.
        weights: arrays by path of the variable.
        inputs: the meaning of its inputs.
        known: the hashed ids that it knows; None if that is not recorded.
    """

    folder: str
    weights: Mapping[str, np.ndarray]
    inputs: ModelInputs
    known: Known | None = None


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
    return StartModel(savedmodel, weights, inputs, read_known(savedmodel))


def write_known(known: Known, savedmodel: str) -> None:
    """Adds the ids that a model knows to the SavedModel in the folder `savedmodel`."""
    tf.io.gfile.makedirs(f"{savedmodel}/assets.extra")
    with tf.io.gfile.GFile(f"{savedmodel}/{KNOWN_FILE}", "wb") as file:
        file.write(json.dumps({name: sorted(values) for name, values in sorted(known.items())}).encode())


def read_known(savedmodel: str) -> dict[str, tuple[str, ...]] | None:
    """The ids that the model in the folder `savedmodel` knows, None if it has no record of them."""
    if not tf.io.gfile.exists(f"{savedmodel}/{KNOWN_FILE}"):
        return None
    return {name: tuple(values) for name, values in json.loads(_read(f"{savedmodel}/{KNOWN_FILE}")).items()}


def _read(path: str) -> bytes:
    with tf.io.gfile.GFile(path, "rb") as file:
        content: bytes = file.read()
    return content
