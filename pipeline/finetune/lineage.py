"""How a model was trained and which model was pushed, from the lineage in ML Metadata."""

import json
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from models.spec import TrainingSpec
from pipeline.errors import RunsError


@dataclass(frozen=True)
class Training:
    """The inputs that a Trainer made a model from.

    Attributes:
        transform_graph: folder of the Transform.
        examples: folder of the splits.
        spec: how the model was trained.
    """

    transform_graph: str
    examples: str
    spec: TrainingSpec


def model_uris(store: Any, pushed: Iterable[str]) -> set[str]:
    """The models that a pusher took in, from the folders of the artifacts that it wrote.

    Args:
        store: an open `MetadataStore`.
        pushed: the folders.
    """
    executions = [execution for uri in pushed for execution in _makers(store, uri)]
    return {artifact.uri for artifact in _inputs(store, executions) if _type(store, artifact) == "Model"}


def training_of(store: Any, model: str, name: str) -> Training:
    """The training of the model in a folder; the Trainer that made it may have run in an earlier run.

    Args:
        store: an open `MetadataStore`.
        model: the folder.
        name: of the model, for errors.

    Raises:
        RunsError: the store does not say how it was trained, or what it was trained with was removed.
    """
    executions = store.get_executions_by_id(_makers(store, model))
    trainers = [execution for execution in executions if "custom_config" in execution.custom_properties]
    if not trainers:
        raise RunsError(f"the metadata store does not say how the model in {model} was trained; name another run")
    folders = {_type(store, artifact): artifact.uri for artifact in _inputs(store, [trainers[0].id])}
    for kind in ("TransformGraph", "Examples"):
        if kind not in folders or not pathlib.Path(folders[kind]).is_dir():
            raise RunsError(
                f"the {kind} artifact that the model of {name} was trained with was removed, and fine-tuning needs "
                "it; name a run that is kept, or run the pipeline again"
            )
    custom = json.loads(trainers[0].custom_properties["custom_config"].string_value)
    try:
        spec = TrainingSpec.model_validate(custom["spec"])
    except (ValidationError, KeyError):
        raise RunsError(f"the model of {name} was trained by another version of Coldcast; train it again") from None
    return Training(folders["TransformGraph"], folders["Examples"], spec)


def _makers(store: Any, uri: str) -> list[int]:
    """Ids of the executions that wrote the artifact in a folder."""
    from ml_metadata.proto import metadata_store_pb2

    artifacts = store.get_artifacts_by_uri(uri)
    events = store.get_events_by_artifact_ids([artifact.id for artifact in artifacts])
    return sorted({event.execution_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT})


def _inputs(store: Any, executions: list[int]) -> list[Any]:
    """The artifacts that executions took in."""
    from ml_metadata.proto import metadata_store_pb2

    events = store.get_events_by_execution_ids(executions) if executions else []
    ids = {event.artifact_id for event in events if event.type == metadata_store_pb2.Event.INPUT}
    return list(store.get_artifacts_by_id(sorted(ids))) if ids else []


def _type(store: Any, artifact: Any) -> str:
    names = {kind.id: kind.name for kind in store.get_artifact_types()}
    return str(names[artifact.type_id])
