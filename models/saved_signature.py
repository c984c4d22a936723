"""The inputs and outputs of a SavedModel's signature, read without loading the model."""

import posixpath
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2
from tfx.dsl.io import fileio


def inputs_of(savedmodel: str, signature: str) -> set[str]:
    """Names of the inputs of a signature; empty if the folder `savedmodel` has no whole SavedModel with the signature.

    Args:
        savedmodel: folder of the SavedModel, local or remote.
        signature: name of the signature.
    """
    return {name for definition in _definitions(savedmodel, signature) for name in definition.inputs}


def outputs_of(savedmodel: str, signature: str) -> set[str]:
    """Names of the outputs of a signature; arguments and the empty result as in `inputs_of`."""
    return {name for definition in _definitions(savedmodel, signature) for name in definition.outputs}


def _definitions(savedmodel: str, signature: str) -> list[Any]:
    """The definition of the signature in each graph of the SavedModel."""
    path = posixpath.join(savedmodel, "saved_model.pb")
    if not fileio.exists(path):  # somebody is still copying it, or there is none
        return []
    with fileio.open(path, "rb") as file:
        try:
            graphs = saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs
        except DecodeError:  # whoever loads the model reports this
            return []
    return [graph.signature_def[signature] for graph in graphs]
