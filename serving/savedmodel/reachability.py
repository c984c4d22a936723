"""The nodes and functions that a node of a graph depends on."""

from collections.abc import Iterable, Iterator
from typing import Any


class Reachability:
    """Backward reachability in the main graph of a GraphDef, and from there into its functions.

    Attributes:
        nodes: the NodeDefs of the main graph by name.
        functions: the FunctionDefs by name.
    """

    def __init__(self, graph_def: Any) -> None:
        self.nodes = {node.name: node for node in graph_def.node}
        self.functions = {function.signature.name: function for function in graph_def.library.function}

    def back_from(self, outputs: Iterable[str]) -> set[str]:
        """Names of all nodes on which the named tensors or nodes depend, through data or control, themselves too."""
        waiting = [_node_name(output) for output in outputs]
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in reached and name in self.nodes:
                reached.add(name)
                waiting.extend(_node_name(source) for source in self.nodes[name].input)
        return reached

    def functions_of(self, names: Iterable[str]) -> set[str]:
        """Names of all functions that the named nodes of the main graph call, or that those call in turn."""
        waiting = [function for name in names for function in _called(self.nodes[name])]
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in reached and name in self.functions:
                reached.add(name)
                waiting.extend(called for node in self.functions[name].node_def for called in _called(node))
        return reached


def _called(node: Any) -> Iterator[str]:
    """Names that may be those of functions: the op itself, and the attributes of a call, a branch, or a loop."""
    yield node.op
    for value in node.attr.values():
        yield value.func.name
        for function in value.list.func:
            yield function.name


def _node_name(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]
