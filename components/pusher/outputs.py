"""The outputs of a model's default signature, read without loading it: clients read them."""

import posixpath

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2
from tfx.dsl.io import fileio

from models.signatures import EXAMPLES


def lost_outputs(before: str, after: str) -> list[str]:
    """Outputs that the SavedModel in folder `before` has and the one in folder `after` lacks, sorted."""
    return sorted(_outputs(before) - _outputs(after))


def _outputs(folder: str) -> set[str]:
    path = posixpath.join(folder, "saved_model.pb")
    if not fileio.exists(path):  # somebody is still copying it, or there is none
        return set()
    with fileio.open(path, "rb") as file:
        try:
            graphs = saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs
        except DecodeError:  # somebody else's file, about which nothing is known
            return set()
    return {name for graph in graphs for name in graph.signature_def[EXAMPLES].outputs}
