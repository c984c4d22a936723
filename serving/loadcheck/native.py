"""Loads a SavedModel in C++ and sends it requests, through the entry point that TensorFlow Serving uses."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2

from serving.errors import ServingError
from serving.loadcheck.build import BUILD_DIR, build

_REASON = "loadcheck: "
Request = tuple[str, Mapping[str, np.ndarray]]


def answers(
    path: str | Path, requests: Sequence[Request] = (), build_dir: Path = BUILD_DIR
) -> list[dict[str, np.ndarray]]:
    """Loads the SavedModel with `LoadSavedModel`, XLA disabled, and runs requests.

    Args:
        path: the SavedModel.
        requests: signature name and inputs by alias; none just loads the model.
        build_dir: where the compiled program is kept.

    Returns:
        Outputs by alias of each request.

    Raises:
        ServingError: the model does not load or a request fails, with TensorFlow's reason; or see `build`.
    """
    program = build(build_dir)
    with tempfile.TemporaryDirectory(prefix="loadcheck-") as folder:
        arguments: list[str] = []
        for number, (signature, inputs) in enumerate(requests):
            request = Path(folder, f"{number}.request")
            request.write_bytes(_encode(signature, inputs))
            arguments += [str(request), str(request.with_suffix(".response"))]
        done = subprocess.run(
            [program.resolve(), str(path), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        )
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith(_REASON)]
            reason = reasons[-1].removeprefix(_REASON) if reasons else f"exit status {done.returncode}"
            raise ServingError(f"The SavedModel in {path} does not work outside Python: {reason}")
        return [_decode(Path(response).read_bytes()) for response in arguments[1::2]]


def _encode(signature: str, inputs: Mapping[str, np.ndarray]) -> bytes:
    message = attr_value_pb2.NameAttrList(name=signature)
    for alias, array in inputs.items():
        message.attr[alias].tensor.CopyFrom(tf.make_tensor_proto(array))
    return message.SerializeToString()


def _decode(serialized: bytes) -> dict[str, np.ndarray]:
    message = attr_value_pb2.NameAttrList.FromString(serialized)
    return {alias: tf.make_ndarray(value.tensor) for alias, value in message.attr.items()}
