"""One artifact for equal splits, so that a setting which changes no split re-runs nothing that reads them.

TFX has the id of an artifact in the cache keys of the nodes that read it. If a setting of TemporalSplit changes, it
runs again and makes a new artifact, even if the splits hold the same days as before.

"""

from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.common.resolver import Resolver, ResolverStrategy
from tfx.dsl.io import fileio
from tfx.types.artifact import Artifact
from tfx.types.channel import Channel
from tfx.types.standard_artifacts import Examples

from components.split.artifacts import SPLIT_ROWS


class FirstOfSameRows(ResolverStrategy):
    """The first Examples whose splits are those of this run: same rows, same days, made by the same code.

    Channels: `examples` (of any node) and `current` (of TemporalSplit in this run).
    """

    def resolve_artifacts(self, store: Any, input_dict: dict[str, list[Artifact]]) -> dict[str, list[Artifact]]:
        """`input_dict` with one artifact under `examples`."""
        (current,) = input_dict["current"]
        rows, code = current.get_string_custom_property(SPLIT_ROWS), _code(store, current)
        same = (
            artifact
            for artifact in sorted(input_dict["examples"], key=lambda artifact: artifact.id)
            if artifact.get_string_custom_property(SPLIT_ROWS) == rows
            and _code(store, artifact) == code
            and fileio.exists(artifact.uri)
        )
        return {**input_dict, "examples": [next(same, current)]}


def first_of_same_rows(split: BaseComponent) -> Resolver:
    """The Examples of `split`, or of an earlier run if its splits hold the same rows: output `examples`."""
    return Resolver(
        strategy_class=FirstOfSameRows,
        examples=Channel(type=Examples),  # of any node of the pipeline: the property names those of TemporalSplit
        current=split.outputs["examples"],
    )


def _code(store: Any, artifact: Artifact) -> set[str]:
    """The hash of the code that made the artifact."""
    events = store.get_events_by_artifact_ids([artifact.id])
    makers = [event.execution_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT]
    return {made.custom_properties["code_hash"].string_value for made in store.get_executions_by_id(makers)}
