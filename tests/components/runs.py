"""Running a few TFX nodes in this process, and what ML Metadata then knows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml_metadata.metadata_store import MetadataStore
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline

BEAM = ("--direct_running_mode=in_memory", "--direct_num_workers=1")

_STATES = {3: "complete", 4: "failed", 5: "cached"}


def run(folder: Path, nodes: Sequence[BaseNode], *, name: str = "mini", beam: Sequence[str] = BEAM) -> None:
    """Runs the nodes as pipeline `name` with the metadata store of `folder`, cached."""
    LocalDagRunner().run(
        Pipeline(
            pipeline_name=name,
            pipeline_root=str(folder / name),
            components=list(nodes),
            enable_cache=True,
            metadata_connection_config=sqlite_metadata_connection_config(str(folder / "metadata.sqlite")),
            beam_pipeline_args=list(beam),
        )
    )


def store(folder: Path) -> MetadataStore:
    """The metadata store of `folder`."""
    return MetadataStore(sqlite_metadata_connection_config(str(folder / "metadata.sqlite")))


def states(folder: Path, *, name: str = "mini") -> dict[str, str]:
    """The state of each node in the last run of pipeline `name`."""
    known = store(folder)
    last = max(_runs(known, name), key=lambda context: context.id)
    found = {}
    for execution in known.get_executions_by_context(last.id):
        contexts = {context.type: context.name for context in known.get_contexts_by_execution(execution.id)}
        found[contexts["node"].removeprefix(f"{name}.")] = _STATES[execution.last_known_state]
    return found


def artifacts(folder: Path, type_name: str) -> list[Any]:
    """All artifacts of a type, the oldest first."""
    return sorted(store(folder).get_artifacts_by_type(type_name), key=lambda artifact: artifact.id)


def _runs(known: MetadataStore, name: str) -> list[Any]:
    (pipeline,) = [context for context in known.get_contexts_by_type("pipeline") if context.name == name]
    return [
        context
        for context in known.get_contexts_by_type("pipeline_run")
        if pipeline.id in {parent.id for parent in known.get_parent_contexts_by_context(context.id)}
    ]
