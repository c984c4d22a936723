"""The last blessed model that has not learned this run's rows yet, found through ML Metadata."""

from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.types.artifact import Artifact

from components.baseline.strategies import Artifacts, LastBlessedModel


class LastBlessedOfOtherRows(LastBlessedModel):
    """The last blessed model that was not trained on the examples of this run.

    A model of the same examples is left out: otherwise an unchanged rerun would train on the same rows a second time
    instead of being cached.

    Channels: those of `LastBlessedModel` except `current`, and `examples` (of this run).
    """

    def resolve_artifacts(self, store: Any, input_dict: Artifacts) -> Artifacts:
        """`input_dict` with at most one artifact each under `model` and `model_blessing`."""
        examples = {artifact.id for artifact in input_dict["examples"]}
        trained = [model for model in input_dict["model"] if examples & inputs_of(store, model)]
        resolved = super().resolve_artifacts(store, {**input_dict, "current": trained})
        return {key: resolved[key] for key in input_dict}


def inputs_of(store: Any, artifact: Artifact) -> set[int]:
    """Ids of the artifacts that the producer of `artifact` read."""
    produced = store.get_events_by_artifact_ids([artifact.id])
    producers = {event.execution_id for event in produced if event.type == metadata_store_pb2.Event.OUTPUT}
    events = store.get_events_by_execution_ids(list(producers)) if producers else []
    return {event.artifact_id for event in events if event.type == metadata_store_pb2.Event.INPUT}
