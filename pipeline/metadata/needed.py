"""Which artifacts of a pipeline no kept run needs, and no later run will look for, as ML Metadata has them.

It imports TFX, so only the clean-up imports it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.types import artifact_utils

from components.baseline.strategies import Artifacts, LastBlessedModel, LastPassedStatistics
from pipeline.metadata.records import PUSHER

_EVALUATOR = "Evaluator."


@dataclass(frozen=True)
class Unneeded:
    """Runs that are not kept, and artifacts that can go with them.

    Attributes:
        runs: contexts of the runs that are not kept.
        artifacts: their artifacts that nothing else needs, as ML Metadata's messages.
    """

    runs: list[Any]
    artifacts: list[Any]


def unneeded(store: Any, pipeline: str, runs: Sequence[Any], kept: Sequence[Any]) -> Unneeded:
    """The runs and artifacts that can go when only the runs `kept` stay.

    An artifact is needed if a node of a kept run read or wrote it, also from the cache, if another pipeline in the
    store has it, or if a later run will look for it: the last blessed model of each branch, the statistics that passed
    last, and the version that was published last.

    Args:
        store: an open `MetadataStore`.
        pipeline: the pipeline's name.
        runs: contexts of all runs of the pipeline.
        kept: those of `runs` that stay.
    """
    gone = [run for run in runs if run.id not in {context.id for context in kept}]
    own = {run.id: _executions(store, run) for run in runs}
    all_own = {execution for executions in own.values() for execution in executions}
    foreign = {execution.id for execution in store.get_executions()} - all_own
    staying = foreign.union(*(own[run.id] for run in kept))
    candidates = _artifacts_of(store, {execution for run in gone for execution in own[run.id]})
    ids = candidates - _artifacts_of(store, staying) - _looked_for(store, pipeline)
    artifacts = store.get_artifacts_by_id(sorted(ids)) if ids else []
    deleted = metadata_store_pb2.Artifact.DELETED
    return Unneeded(gone, [artifact for artifact in artifacts if artifact.state != deleted])


def _executions(store: Any, context: Any) -> set[int]:
    return {execution.id for execution in store.get_executions_by_context(context.id)}


def _artifacts_of(store: Any, executions: Iterable[int]) -> set[int]:
    """The artifacts that executions read or wrote."""
    ids = sorted(executions)
    return {event.artifact_id for event in store.get_events_by_execution_ids(ids)} if ids else set()


def _looked_for(store: Any, pipeline: str) -> set[int]:
    """The artifacts that nodes of a next run will choose from those of all runs."""
    nodes = {
        context.name.removeprefix(f"{pipeline}."): context
        for context in store.get_contexts_by_type("node")
        if context.name.startswith(f"{pipeline}.")
    }
    outputs: Artifacts = {}  # by key of the output, of all nodes
    blessings: dict[str, list[Any]] = {}  # by Evaluator
    for node, context in nodes.items():
        executions = sorted(_executions(store, context))
        events = store.get_events_by_execution_ids(executions) if executions else []
        for event in events:
            if event.type == metadata_store_pb2.Event.OUTPUT and event.path.steps:
                key = f"{PUSHER}.{event.path.steps[0].key}" if node == PUSHER else event.path.steps[0].key
                outputs.setdefault(key, []).append(event.artifact_id)
                if node.startswith(_EVALUATOR) and key == "blessing":
                    blessings.setdefault(node, []).append(event.artifact_id)
    live = {key: _live(store, ids) for key, ids in outputs.items()}
    chosen = [
        LastPassedStatistics().resolve_artifacts(
            store, {"statistics": live.get("statistics", []), "passed": live.get("passed", []), "current": []}
        )
    ]
    servable = [artifact for artifact in live.get("blessing", []) if artifact.type_name == "InfraBlessing"]
    chosen += [
        LastBlessedModel(trials).resolve_artifacts(
            store,
            {
                "model": live.get("model", []),
                "model_blessing": _live(store, ids),
                "servable": servable,
                "current": [],
            },
        )
        for ids in blessings.values()
        for trials in (False, True)
    ]
    keys = ("statistics", "passed", "model", "model_blessing")
    ids_chosen = {artifact.id for choice in chosen for key in keys for artifact in choice.get(key, [])}
    pushed = [artifact.id for artifact in live.get(f"{PUSHER}.pushed_model", [])]
    return ids_chosen | ({max(pushed)} if pushed else set())


def _live(store: Any, ids: Iterable[int]) -> list[Any]:
    """The artifacts that are there, as TFX's."""
    messages = store.get_artifacts_by_id(sorted(set(ids)))
    live = [message for message in messages if message.state == metadata_store_pb2.Artifact.LIVE]
    types = {type_.id: type_ for type_ in store.get_artifact_types()}
    return [artifact_utils.deserialize_artifact(types[message.type_id], message) for message in live]
