"""The ML Metadata store of a pipeline: opened for reading, and read one run at a time."""

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import RunsError
from pipeline.metadata.records import Node, Output, Run, RunNotes

if TYPE_CHECKING:
    from pipeline.configuration.config import Config

ENDED = "coldcast_ended"
"""The property of a run's context that says that the run reached its end. A killed run never gets it."""

_SQLITE = b"SQLite format 3\0"
_STATES = {1: "new", 2: "running", 3: "complete", 4: "failed", 5: "cached", 6: "canceled"}


def check_store(metadata: Path) -> None:
    """Checks that the file at `metadata`, if there is one, is a store.

    Raises:
        RunsError: it is not.
    """
    if not metadata.is_file() or not metadata.stat().st_size:  # an empty file is an SQLite store without tables
        return
    with metadata.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise RunsError(f"{metadata} is not a metadata store, or it is damaged; move it away to start again")


def check_has_run(metadata: Path) -> None:
    """Checks that there is a file at `metadata` with something in it.

    Raises:
        RunsError: there is none, so nothing has run yet.
    """
    if not metadata.is_file() or not metadata.stat().st_size:
        raise RunsError(
            f"nothing has run yet: there is no metadata store {metadata}; start with `coldcast run`, in the "
            "folder that the config's paths are relative to"
        )


def open_store(metadata: Path, *, write: bool = False) -> Any:
    """The `MetadataStore` in the file at `metadata`, for reading only unless `write` is True.

    Raises:
        RunsError: there is no store, or it cannot be read.
    """
    check_has_run(metadata)
    check_store(metadata)
    from ml_metadata.metadata_store import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(metadata)
    modes = metadata_store_pb2.SqliteMetadataSourceConfig
    connection.sqlite.connection_mode = modes.READWRITE if write else modes.READONLY
    try:
        return metadata_store.MetadataStore(connection)
    except RuntimeError as error:  # another version's store, or one whose run was killed while it made the tables
        reason = (str(error).splitlines() or [""])[0].partition(" query:")[0]
        raise RunsError(
            f"{metadata} cannot be read: {reason}; use the version that wrote it, or move it away to start again"
        ) from None


def run_contexts(store: Any, config: "Config") -> list[Any]:
    """The contexts of the runs of `config`'s pipeline, the oldest first; other configs may share the store.

    Raises:
        RunsError: the pipeline has no run in the store.
    """
    pipelines = {context.name: context for context in store.get_contexts_by_type("pipeline")}
    if config.name not in pipelines:
        others = (
            f"; it has runs of {', '.join(sorted(pipelines))}: name the config of one of these" if pipelines else ""
        )
        raise RunsError(f"no run of {config.name} in {config.metadata}{others}")
    children = store.get_children_contexts_by_context(pipelines[config.name].id)
    runs = [context for context in children if context.type == "pipeline_run"]
    return sorted(runs, key=lambda context: (context.create_time_since_epoch, context.id))


def read_run(store: Any, pipeline: str, context: Any) -> Run:
    """The run of `context` with its nodes and their outputs, in one query."""
    from ml_metadata.proto import metadata_store_pb2

    options = metadata_store_pb2.LineageSubgraphQueryOptions(
        max_num_hops=1, direction=metadata_store_pb2.LineageSubgraphQueryOptions.DOWNSTREAM
    )
    options.starting_executions.filter_query = f"contexts_run.id = {context.id}"
    graph = store.get_lineage_subgraph(options)
    ids = {node.id: node.name.removeprefix(f"{pipeline}.") for node in graph.contexts if node.type == "node"}
    id_of = {link.execution_id: ids[link.context_id] for link in graph.associations if link.context_id in ids}
    outputs = _outputs(graph)
    nodes = tuple(
        Node(
            id=id_of[execution.id],
            state=_STATES.get(execution.last_known_state, "unknown"),
            seconds=(execution.last_update_time_since_epoch - execution.create_time_since_epoch) / 1000,
            outputs=outputs.get(execution.id, {}),
            started=_time(execution.create_time_since_epoch),
        )
        for execution in sorted(graph.executions, key=lambda execution: execution.id)
    )
    started = _time(context.create_time_since_epoch)
    properties = context.custom_properties
    notes = {name: properties[key].string_value for name, key in RunNotes.properties().items() if key in properties}
    return Run(context.name, started, nodes, ended=ENDED in properties, notes=RunNotes(**notes))


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def _outputs(graph: Any) -> dict[int, dict[str, tuple[Output, ...]]]:
    """The artifacts that the executions of a lineage graph wrote, by execution and output key."""
    from ml_metadata.proto import metadata_store_pb2

    deleted = metadata_store_pb2.Artifact.DELETED
    by_id = {
        artifact.id: Output(artifact.uri, _properties(artifact), removed=artifact.state == deleted)
        for artifact in graph.artifacts
    }
    outputs: dict[int, dict[str, tuple[Output, ...]]] = {}
    for event in graph.events:
        if event.type == metadata_store_pb2.Event.OUTPUT:
            key = event.path.steps[0].key if event.path.steps else ""
            by_key = outputs.setdefault(event.execution_id, {})
            by_key[key] = (*by_key.get(key, ()), by_id[event.artifact_id])
    return outputs


def _properties(artifact: Any) -> dict[str, Any]:
    values = {**artifact.properties, **artifact.custom_properties}
    return {name: getattr(value, value.WhichOneof("value") or "string_value") for name, value in values.items()}
