"""What ran, with which outcome, and where its artifacts lie: read from ML Metadata, never from folder names."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

_SQLITE = b"SQLite format 3\0"
_STATES = {1: "new", 2: "running", 3: "complete", 4: "failed", 5: "cached", 6: "canceled"}


class RunsError(ValueError):
    """There is no such run, or nothing has run yet."""


@dataclass(frozen=True)
class Output:
    """An artifact: where it lies, and the properties that its stage gave it."""

    uri: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """One node of a run.

    Attributes:
        node: the node's id, such as `Trainer.joint`.
        state: `complete`, `cached`, `failed`, `running` or `canceled`; a killed stage stays `running`.
        seconds: from its start to its last update; what a cached stage took is the time of the look-up.
        outputs: artifacts by output key.
    """

    node: str
    state: str
    seconds: float
    outputs: dict[str, tuple[Output, ...]] = field(default_factory=dict)

    @property
    def only_looked(self) -> bool:
        """Whether this stage runs each time, and had nothing to do this time."""
        pushed = self.outputs.get("pushed_model", ())
        idle = bool(pushed) and all(one.properties.get("push_outcome") != "published" for one in pushed)
        return self.state == "complete" and (self.node.startswith("Resolver.") or idle)


@dataclass(frozen=True)
class Run:
    """One run of a pipeline, its stages in the order in which they started."""

    id: str
    started: datetime
    stages: tuple[Stage, ...]

    @property
    def state(self) -> str:
        """`failed` or `unfinished` if a stage did not end well, `cached` if nothing had to be done, else `complete`.

        Stages that look anew in each run do not count unless they found something to do: the resolvers, which look for
        a baseline, and the pusher, which looks whether the model is published.
        """
        states = {stage.state for stage in self.stages if not stage.only_looked}
        if "failed" in states:
            return "failed"
        if not self.stages or states - {"complete", "cached"}:
            return "unfinished"
        return "complete" if "complete" in states else "cached"

    @property
    def recipes(self) -> tuple[str, ...]:
        """The recipes that this run has judged."""
        stages = (stage.node for stage in self.stages if stage.outputs.get("evaluation"))
        return tuple(node.removeprefix("Evaluator.") for node in stages if node.startswith("Evaluator."))

    def stage(self, node: str) -> Stage | None:
        """The stage of `node`, None if it did not start."""
        return next((stage for stage in self.stages if stage.node == node), None)

    def outputs(self, node: str, key: str) -> tuple[str, ...]:
        """URIs of the artifacts that `node` gave under `key`; empty if it gave none."""
        stage = self.stage(node)
        return tuple(output.uri for output in stage.outputs.get(key, ())) if stage else ()


def list_runs(metadata: Path) -> list[Run]:
    """All runs in the store at `metadata`, the oldest first.

    Raises:
        RunsError: if the store does not exist, or is none.
    """
    store = _open(metadata)
    contexts = store.get_contexts_by_type("pipeline_run")
    runs = [_run(store, context) for context in contexts]
    return sorted(runs, key=lambda run: run.started)


def find_run(metadata: Path, run_id: str | None = None) -> Run:
    """The run whose id begins with `run_id`, the newest without one.

    Raises:
        RunsError: if there is none, or `run_id` fits several.
    """
    runs = list_runs(metadata)
    fitting = [run for run in runs if run.id.startswith(run_id)] if run_id else runs[-1:]
    if not fitting:
        raise RunsError(f"no run {run_id or ''} in {metadata}; `coldcast runs list` shows all")
    if len(fitting) > 1:
        raise RunsError(f"{run_id} fits {len(fitting)} runs in {metadata}; give more of the id")
    return fitting[0]


def newest_output(metadata: Path, node: str, key: str) -> str:
    """URI of what `node` gave under `key` in the newest run that got so far.

    Raises:
        RunsError: if no run did.
    """
    for run in reversed(list_runs(metadata)):
        if uris := run.outputs(node, key):
            return uris[0]
    raise RunsError(f"no run in {metadata} got as far as {node}; `coldcast runs list` shows what happened")


def check_store(metadata: Path) -> None:
    """Looks whether what lies at `metadata`, if anything does, is a store.

    Raises:
        RunsError: it is none.
    """
    if not metadata.is_file() or not metadata.stat().st_size:  # an empty file is an SQLite store without tables
        return
    with metadata.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise RunsError(f"{metadata} is no metadata store, or a damaged one; move it away to start anew")


def _open(metadata: Path) -> Any:
    if not metadata.is_file():
        raise RunsError(f"nothing has run yet: there is no metadata store {metadata}; start with `coldcast run`")
    check_store(metadata)
    from ml_metadata.metadata_store import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(metadata)
    config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    return metadata_store.MetadataStore(config)


def _run(store: Any, context: Any) -> Run:
    executions = sorted(store.get_executions_by_context(context.id), key=lambda execution: execution.id)
    outputs = _outputs(store, [execution.id for execution in executions])
    stages = tuple(
        Stage(
            node=_node(store, execution),
            state=_STATES.get(execution.last_known_state, "unknown"),
            seconds=(execution.last_update_time_since_epoch - execution.create_time_since_epoch) / 1000,
            outputs=outputs.get(execution.id, {}),
        )
        for execution in executions
    )
    started = datetime.fromtimestamp(context.create_time_since_epoch / 1000, tz=timezone.utc)
    return Run(id=context.name, started=started, stages=stages)


def _node(store: Any, execution: Any) -> str:
    """The node's id: its context is named `pipeline.node`, and neither part may hold what separates them twice."""
    contexts = {context.type: context.name for context in store.get_contexts_by_execution(execution.id)}
    return contexts["node"].removeprefix(contexts["pipeline"] + ".")


def _outputs(store: Any, executions: list[int]) -> dict[int, dict[str, tuple[Output, ...]]]:
    from ml_metadata.proto import metadata_store_pb2

    events = [
        event
        for event in store.get_events_by_execution_ids(executions)
        if event.type == metadata_store_pb2.Event.OUTPUT
    ]
    artifacts = store.get_artifacts_by_id([event.artifact_id for event in events])
    by_id = {artifact.id: Output(artifact.uri, _properties(artifact)) for artifact in artifacts}
    found: dict[int, dict[str, tuple[Output, ...]]] = {}
    for event in events:
        key = event.path.steps[0].key if event.path.steps else ""
        keyed = found.setdefault(event.execution_id, {})
        keyed[key] = (*keyed.get(key, ()), by_id[event.artifact_id])
    return found


def _properties(artifact: Any) -> dict[str, Any]:
    values = {**artifact.properties, **artifact.custom_properties}
    return {name: getattr(value, value.WhichOneof("value") or "string_value") for name, value in values.items()}
