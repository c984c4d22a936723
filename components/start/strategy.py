"""The last blessed model that has not learned this run's rows yet, found through ML Metadata."""

from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.types.artifact import Artifact

from components.baseline.strategies import Artifacts, LastBlessedModel
from components.split.artifacts import TRAINED_ROWS


class LastBlessedOfOtherRows(LastBlessedModel):
    """The last blessed model that was not trained on the rows of this run.

    A model of the same rows is left out: otherwise an unchanged rerun would train on the same rows a second time
    instead of being cached. The rows are the same if the logs and the days of the training split are, even if ingestion
    ran again.

    Channels: those of `LastBlessedModel` except `current`, and `examples` (of this run).
    """

    def resolve_artifacts(self, store: Any, input_dict: Artifacts) -> Artifacts:
        """`input_dict` with at most one artifact each under `model` and `model_blessing`."""
        rows = {_rows(artifact.mlmd_artifact) for artifact in input_dict["examples"]}
        trained = [model for model in input_dict["model"] if rows & rows_of(store, model)]
        resolved = super().resolve_artifacts(store, {**input_dict, "current": trained})
        return {key: resolved[key] for key in input_dict}


def rows_of(store: Any, artifact: Artifact) -> set[str]:
    """The rows of each artifact that the producer of `artifact` read, in a form that equal rows share."""
    produced = store.get_events_by_artifact_ids([artifact.id])
    producers = {event.execution_id for event in produced if event.type == metadata_store_pb2.Event.OUTPUT}
    events = store.get_events_by_execution_ids(list(producers)) if producers else []
    inputs = {event.artifact_id for event in events if event.type == metadata_store_pb2.Event.INPUT}
    return {_rows(given) for given in store.get_artifacts_by_id(list(inputs))} if inputs else set()


def _rows(examples: metadata_store_pb2.Artifact) -> str:
    """The rows by their content, or else by the id of the artifact."""
    return examples.custom_properties[TRAINED_ROWS].string_value or f"artifact {examples.id}"
