"""The nodes that stand in place of Transform when a model is fine-tuned."""

from dataclasses import dataclass

from tfx import types
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.importer import Importer
from tfx.types.standard_artifacts import Examples, Model, TransformGraph

from components.start.known import KnownStart
from pipeline.branch import hash_code
from pipeline.finetune.start import Start


@dataclass(frozen=True)
class KeptNodes:
    """Nodes that give a fine-tuning run the Transform and the model to start from.

    Attributes:
        nodes: the nodes, in order.
        transform_graph: the start model's.
        model: the start model, with the ids that it knows.
    """

    nodes: tuple[BaseNode, ...]
    transform_graph: types.BaseChannel
    model: types.BaseChannel


def kept_nodes(start: Start) -> KeptNodes:
    """Imports the start model with its Transform and its rows.

    The metadata store knows the folders already, so that the importers give the artifacts of the start model's own run,
    and the lineage of the new model goes on from there.
    """
    transform = _imported(start.transform_graph, TransformGraph, "transform")
    model = _imported(start.model, Model, "model")
    examples = _imported(start.examples, Examples, "examples")
    known = KnownStart(
        model=model.outputs["result"],
        examples=examples.outputs["result"],
        transform_graph=transform.outputs["result"],
    )
    hash_code(known, "components.start.known")
    return KeptNodes((transform, model, examples, known), transform.outputs["result"], known.outputs["start"])


def _imported(folder: str, kind: type[types.Artifact], name: str) -> Importer:
    return Importer(source_uri=folder, artifact_type=kind).with_id(f"Importer.start.{name}")
