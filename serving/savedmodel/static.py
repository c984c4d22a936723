"""Names the op or variable for which a SavedModel would not work in TensorFlow Serving, without loading it.

Python's loaders accept models that a server does not: Python functions live in the exporting process, XLA is off in
TensorFlow Serving, and a server restores and initialises only what the graph's own restore and init ops reach.
"""

from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from serving.errors import ServingError
from serving.savedmodel.reachability import Reachability
from serving.savedmodel.restored import restored_keys

_NO_XLA = "must be compiled by XLA (jit_compile), which is off in TensorFlow Serving"
_UNTRACKED = "is read by a signature, but nothing {} it: track it in the exported object."
_PYTHON_OPS = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
_TABLE_OPS = {"HashTable", "HashTableV2"}
_VARIABLE_OPS = {"VarHandleOp", "VariableV2", "Variable"}  # the latter two are of TensorFlow 1
_ASSIGN_OPS = {"AssignVariableOp", "Assign"}
_INIT_SIGNATURE = "__saved_model_init_op"


def require_servable(path: str) -> None:
    """Checks that `findings` finds nothing.

    Raises:
        ServingError: there are findings; the message is the first one.
    """
    problems = findings(path)
    if problems:
        more = f" ({len(problems) - 1} more findings)" if len(problems) > 1 else ""
        raise ServingError(problems[0] + more)


def findings(path: str) -> list[str]:
    """One sentence for each reason why the SavedModel in `path` would not work in TensorFlow Serving; empty if none.

    Raises:
        ServingError: there is no readable SavedModel with the tag `serve`.
    """
    meta_graph = _meta_graph(path)
    return [
        *_missing_files(path, meta_graph),
        *_foreign_ops(meta_graph),
        *_unready_resources(meta_graph),
        *_missing_keys(path, meta_graph),
    ]


def _meta_graph(path: str) -> Any:
    file = f"{path}/saved_model.pb"
    try:
        with tf.io.gfile.GFile(file, "rb") as opened:
            content = opened.read()
        saved_model = saved_model_pb2.SavedModel.FromString(content)
    except tf.errors.NotFoundError as error:
        raise ServingError(f"There is no SavedModel at {path}: saved_model.pb is missing.") from error
    except Exception as error:  # protobuf's DecodeError is another class in each implementation
        raise ServingError(f"{file} is not a whole SavedModel, copy or export it again: {error}") from error
    if not content:  # protobuf parses it as a message of defaults
        raise ServingError(f"{file} is empty; copy or export the model again.")
    for meta_graph in saved_model.meta_graphs:
        if set(meta_graph.meta_info_def.tags) == {tf.saved_model.SERVING}:
            return meta_graph
    raise ServingError(f"{file} holds no graph with the tag {tf.saved_model.SERVING!r}; export it with that tag.")


def _missing_files(path: str, meta_graph: Any) -> list[str]:
    files = [f"assets/{asset.filename}" for asset in meta_graph.asset_file_def]
    if meta_graph.saver_def.restore_op_name and any(node.op in _VARIABLE_OPS for node in meta_graph.graph_def.node):
        files.append("variables/variables.index")
    return [f"The file {file} is missing from {path}." for file in files if not tf.io.gfile.exists(f"{path}/{file}")]


def _foreign_ops(meta_graph: Any) -> list[str]:
    """The ops that cannot run. Each op of the main graph needs a kernel; the ops of a function only if it is called."""
    graph = Reachability(meta_graph.graph_def)
    known = set(graph.functions)
    called = graph.functions_of(_served(graph, meta_graph) | _made_ready(graph, meta_graph))
    nodes = [("", node) for node in graph.nodes.values()]
    for name in sorted(called):
        nodes += [(f" in function {name!r}", node) for node in graph.functions[name].node_def]
    problems = [
        f"The op {node.op} (node {node.name!r}{place}) {reason}."
        for place, node in nodes
        if (reason := _foreign(node, known))
    ]
    compiled = [name for name in sorted(called) if graph.functions[name].attr["_XlaMustCompile"].b]
    return problems + [f"The function {name!r} {_NO_XLA}." for name in compiled]


def _foreign(node: Any, functions: set[str]) -> str:
    if node.op in _PYTHON_OPS:
        return "calls Python, which TensorFlow Serving does not have"
    if node.attr["_XlaMustCompile"].b or node.op.lstrip("_").startswith("Xla"):
        return _NO_XLA
    if node.op not in functions and not hasattr(tf.raw_ops, node.op):
        return "is a custom op, not one of TensorFlow's own"
    return ""


def _unready_resources(meta_graph: Any) -> list[str]:
    graph = Reachability(meta_graph.graph_def)
    served, ready = _served(graph, meta_graph), _made_ready(graph, meta_graph)
    assigned = {graph.nodes[name].input[0].split(":")[0] for name in served if graph.nodes[name].op in _ASSIGN_OPS}
    initialised = graph.back_from(_init_ops(meta_graph))
    problems = []
    for name in sorted(served):
        node = graph.nodes[name]
        shared = node.attr["shared_name"].s.decode() or name
        if node.op in _VARIABLE_OPS and name not in ready | assigned:
            problems.append(f"The variable {shared!r} (node {name!r}) {_UNTRACKED.format('restores')}")
        if node.op in _TABLE_OPS and name not in initialised:
            problems.append(f"The lookup table {shared!r} (node {name!r}) {_UNTRACKED.format('initialises')}")
    return problems


def _served(graph: Reachability, meta_graph: Any) -> set[str]:
    """Nodes that some signature's outputs depend on."""
    return graph.back_from(
        output.name
        for name, signature in meta_graph.signature_def.items()
        if name != _INIT_SIGNATURE
        for output in signature.outputs.values()
    )


def _made_ready(graph: Reachability, meta_graph: Any) -> set[str]:
    """Nodes that are executed, or assigned to, as the model is restored and initialised."""
    return graph.back_from([meta_graph.saver_def.restore_op_name, *_init_ops(meta_graph)])


def _init_ops(meta_graph: Any) -> list[str]:
    names = [output.name for output in meta_graph.signature_def[_INIT_SIGNATURE].outputs.values()]
    for key in ("saved_model_main_op", "legacy_init_op"):
        names += meta_graph.collection_def[key].node_list.value
    return names


def _missing_keys(path: str, meta_graph: Any) -> list[str]:
    prefix = f"{path}/variables/variables"
    if not tf.io.gfile.exists(f"{prefix}.index"):
        return []
    try:
        held = set(tf.train.load_checkpoint(prefix).get_variable_to_shape_map())
    except Exception as error:  # mostly an OpError; an IndexError if the index is damaged
        return [f"The variables in {prefix} cannot be read, the index is damaged: {error}."]
    missing = sorted(restored_keys(meta_graph) - held)
    return [f"The variable {key!r} must be restored but is not in {prefix}." for key in missing]
