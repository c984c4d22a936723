"""What a node of a graph depends on."""

from collections.abc import Iterable, Iterator
from typing import Any


class Reach:
    """Backward reachability in the main graph of a GraphDef.

    Attributes:
        nodes: the NodeDefs of the main graph by name.
    """

    def __init__(self, graph_def: Any) -> None:
        self.nodes = {node.name: node for node in graph_def.node}

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


def nodes_with_place(graph_def: Any) -> Iterator[tuple[str, Any]]:
    """Each NodeDef, with the words that say where it is: nothing for the main graph, else its function."""
    for node in graph_def.node:
        yield "", node
    for function in graph_def.library.function:
        for node in function.node_def:
            yield f" in function {function.signature.name!r}", node


def _node_name(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]
