"""Which checkpoint keys a SavedModel reads when it is restored."""

from typing import Any

import tensorflow as tf


def restored_keys(meta_graph: Any) -> set[str]:
    """The keys that the RestoreV2 ops of the graph and its functions name as constants."""
    graph_def = meta_graph.graph_def
    keys = _keys(graph_def.node)
    for function in graph_def.library.function:
        keys |= _keys(function.node_def)
    return keys - {"_CHECKPOINTABLE_OBJECT_GRAPH"}


def _keys(nodes: Any) -> set[str]:
    constants = {node.name: node for node in nodes if node.op == "Const"}
    keys: set[str] = set()
    for node in nodes:
        if node.op == "RestoreV2" and (names := constants.get(node.input[1].split(":")[0])) is not None:
            keys.update(key.decode() for key in tf.make_ndarray(names.attr["value"].tensor).ravel())
    return keys
