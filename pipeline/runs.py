"""What ran, with which outcome, and where its artifacts lie: read from ML Metadata, never from folder names."""

from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.configuration.config import Config

_ENDED = "coldcast_ended"
"""The property of a run's context that says that the run got to its end; a run that was killed never gets it."""

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
class Told:
    """What the metadata store itself does not know of a run; empty where a run was killed before it could say so.

    Attributes:
        command: what starts the like again.
        log: the file with what the libraries said.
        error: why it stopped, in one sentence.
    """

    command: str = ""
    log: str = ""
    error: str = ""


_TOLD = {one.name: f"coldcast_{one.name}" for one in fields(Told)}
"""The properties of a run's context with the fields of `Told`."""


@dataclass(frozen=True)
class Run:
    """One run of a pipeline.

    Attributes:
        id: its name, the time at which it started.
        started: the same as a time.
        stages: in the order in which they started; those that did not are not known.
        ended: whether the runner got through all stages of the pipeline, which it says in the metadata store.
        told: what else the runner says there.
    """

    id: str
    started: datetime
    stages: tuple[Stage, ...]
    ended: bool
    told: Told = Told()

    @property
    def state(self) -> str:
        """`failed` if a stage did, `unfinished` if the run did not end, `cached` if nothing had to be done, `complete`.

        Stages that look anew in each run do not count unless they found something to do: the resolvers, which look for
        a baseline, and the pusher, which looks whether the model is published.
        """
        states = {stage.state for stage in self.stages if not stage.only_looked}
        if "failed" in states:
            return "failed"
        if not self.ended:
            return "unfinished"
        return "complete" if "complete" in states else "cached"

    @property
    def trial(self) -> bool:
        """Whether it ran with `pusher.enabled` false, so that nothing was to be published."""
        return self.ended and self.stage("AtomicPusher") is None

    @property
    def recipes(self) -> tuple[str, ...]:
        """The recipes that this run has judged."""
        stages = (stage.node for stage in self.stages if stage.outputs.get("evaluation"))
        return tuple(node.removeprefix("Evaluator.") for node in stages if node.startswith("Evaluator."))

    @property
    def version(self) -> str:
        """Folder of the version that is this run's model, published by this run or before; empty if none is."""
        return str(self._pushed.get("pushed_destination", ""))

    @property
    def published(self) -> bool:
        """Whether this run published `version`."""
        return self._pushed.get("push_outcome") == "published"

    @property
    def _pushed(self) -> dict[str, Any]:
        stage = self.stage("AtomicPusher")
        return next((output.properties for output in stage.outputs.get("pushed_model", ())), {}) if stage else {}

    def stage(self, node: str) -> Stage | None:
        """The stage of `node`, None if it did not start."""
        return next((stage for stage in self.stages if stage.node == node), None)

    def outputs(self, node: str, key: str) -> tuple[str, ...]:
        """URIs of the artifacts that `node` gave under `key`; empty if it gave none."""
        stage = self.stage(node)
        return tuple(output.uri for output in stage.outputs.get(key, ())) if stage else ()


def list_runs(config: "Config") -> list[Run]:
    """All runs of `config`'s pipeline, the oldest first.

    Raises:
        RunsError: if there is none, or no metadata store.
    """
    store = _open(config.metadata)
    return [_run(store, config.name, context) for context in _contexts(store, config)]


def find_run(config: "Config", run_id: str | None = None) -> Run:
    """The run of `config`'s pipeline whose id begins with `run_id`, the newest without one.

    Raises:
        RunsError: if there is none, or `run_id` fits several.
    """
    store = _open(config.metadata)
    contexts = _contexts(store, config)
    fitting = [context for context in contexts if context.name.startswith(run_id)] if run_id else contexts[-1:]
    if not fitting:
        raise RunsError(f"no run {run_id} of {config.name} in {config.metadata}; `coldcast runs list` shows all")
    if len(fitting) > 1:
        raise RunsError(f"{run_id} fits {len(fitting)} runs in {config.metadata}; give more of the id")
    return _run(store, config.name, fitting[0])


def newest_output(config: "Config", node: str, key: str) -> str:
    """URI of what `node` gave under `key` in the newest run of `config`'s pipeline that got so far.

    Raises:
        RunsError: if no run did.
    """
    store = _open(config.metadata)
    for context in reversed(_contexts(store, config)):
        if uris := _run(store, config.name, context).outputs(node, key):
            return uris[0]
    raise RunsError(
        f"no run of {config.name} in {config.metadata} got as far as {node}; `coldcast runs list` shows what happened"
    )


def tell(store: Any, run_id: str, told: Told, *, ended: bool) -> None:
    """Writes into `store`, an open `MetadataStore`, what is `told` of a run, and whether it got through all its stages.

    The store itself knows of a run's stages only those that started, so that a run which was killed between two of them
    looks like a whole one. A run of which no stage started is not known at all.
    """
    context = store.get_context_by_type_and_name("pipeline_run", run_id)
    if context is None:
        return
    if ended:
        context.custom_properties[_ENDED].int_value = 1
    for name, key in _TOLD.items():
        context.custom_properties[key].string_value = getattr(told, name)
    store.put_contexts([context])


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
    if not metadata.is_file() or not metadata.stat().st_size:
        raise RunsError(
            f"nothing has run yet: there is no metadata store {metadata}; start with `coldcast run`, in the "
            "folder that the config's paths are relative to"
        )
    check_store(metadata)
    from ml_metadata.metadata_store import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(metadata)
    config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    try:
        return metadata_store.MetadataStore(config)
    except RuntimeError as error:  # of another version, or of a run that was killed while it made the tables
        said = (str(error).splitlines() or [""])[0].partition(" query:")[0]
        raise RunsError(
            f"{metadata} cannot be read: {said}; use the version that wrote it, or move it away to start anew"
        ) from None


def _contexts(store: Any, config: "Config") -> list[Any]:
    """The contexts of the runs of `config`'s pipeline, the oldest first; other configs may share the store."""
    pipelines = {context.name: context for context in store.get_contexts_by_type("pipeline")}
    if config.name not in pipelines:
        others = f"; it has those of {', '.join(sorted(pipelines))}: pass their config" if pipelines else ""
        raise RunsError(f"no run of {config.name} in {config.metadata}{others}")
    children = store.get_children_contexts_by_context(pipelines[config.name].id)
    runs = [context for context in children if context.type == "pipeline_run"]
    return sorted(runs, key=lambda context: (context.create_time_since_epoch, context.id))


def _run(store: Any, pipeline: str, context: Any) -> Run:
    """The run of `context`, read in one query: what it executed, for which nodes, and what came out."""
    from ml_metadata.proto import metadata_store_pb2

    options = metadata_store_pb2.LineageSubgraphQueryOptions(
        max_num_hops=1, direction=metadata_store_pb2.LineageSubgraphQueryOptions.DOWNSTREAM
    )
    options.starting_executions.filter_query = f"contexts_run.id = {context.id}"
    graph = store.get_lineage_subgraph(options)
    nodes = {one.id: one.name.removeprefix(f"{pipeline}.") for one in graph.contexts if one.type == "node"}
    node_of = {link.execution_id: nodes[link.context_id] for link in graph.associations if link.context_id in nodes}
    outputs = _outputs(graph)
    stages = tuple(
        Stage(
            node=node_of[execution.id],
            state=_STATES.get(execution.last_known_state, "unknown"),
            seconds=(execution.last_update_time_since_epoch - execution.create_time_since_epoch) / 1000,
            outputs=outputs.get(execution.id, {}),
        )
        for execution in sorted(graph.executions, key=lambda execution: execution.id)
    )
    started = datetime.fromtimestamp(context.create_time_since_epoch / 1000, tz=timezone.utc)
    properties = context.custom_properties
    told = Told(**{name: properties[key].string_value for name, key in _TOLD.items() if key in properties})
    return Run(context.name, started, stages, ended=_ENDED in properties, told=told)


def _outputs(graph: Any) -> dict[int, dict[str, tuple[Output, ...]]]:
    """The artifacts that a lineage graph's executions gave, by execution and output key."""
    from ml_metadata.proto import metadata_store_pb2

    by_id = {artifact.id: Output(artifact.uri, _properties(artifact)) for artifact in graph.artifacts}
    found: dict[int, dict[str, tuple[Output, ...]]] = {}
    for event in graph.events:
        if event.type == metadata_store_pb2.Event.OUTPUT:
            key = event.path.steps[0].key if event.path.steps else ""
            keyed = found.setdefault(event.execution_id, {})
            keyed[key] = (*keyed.get(key, ()), by_id[event.artifact_id])
    return found


def _properties(artifact: Any) -> dict[str, Any]:
    values = {**artifact.properties, **artifact.custom_properties}
    return {name: getattr(value, value.WhichOneof("value") or "string_value") for name, value in values.items()}
