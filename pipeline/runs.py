"""Finds runs and their artifacts in ML Metadata, never by the names of folders."""

from typing import TYPE_CHECKING, Any

from pipeline.errors import RunsError
from pipeline.metadata.records import Run, RunNotes
from pipeline.metadata.store import ENDED, open_store, read_run, run_contexts

if TYPE_CHECKING:
    from pipeline.configuration.config import Config


def list_runs(config: "Config") -> list[Run]:
    """All runs of `config`'s pipeline, the oldest first.

    Raises:
        RunsError: there is no run, or no metadata store.
    """
    store = open_store(config.metadata)
    return [read_run(store, config.name, context) for context in run_contexts(store, config)]


def find_run(config: "Config", run_id: str | None = None) -> Run:
    """The run of `config`'s pipeline whose id begins with `run_id`; the newest run if `run_id` is None.

    Raises:
        RunsError: there is no such run, `run_id` is empty, or it fits several.
    """
    if run_id == "":  # of an empty variable of a script, which must not get the newest run
        raise RunsError("the id of a run is empty; give the beginning of an id, or leave it out for the newest run")
    store = open_store(config.metadata)
    contexts = run_contexts(store, config)
    fitting = (
        [context for context in contexts if context.name.startswith(run_id)] if run_id is not None else contexts[-1:]
    )
    if not fitting:
        raise RunsError(f"no run {run_id} of {config.name} in {config.metadata}; `coldcast runs list` shows all")
    if len(fitting) > 1:
        raise RunsError(f"{run_id} fits {len(fitting)} runs in {config.metadata}; give more of the id")
    return read_run(store, config.name, fitting[0])


def judged_branches(config: "Config", run: Run) -> list[str]:
    """The branches that the run has judged: in the config's order, then those that the config no longer has.

    The first one is the one that reports compare the others with.
    """
    names = [branch.name for branch in config.branches_to_run]
    return [*(name for name in names if name in run.branches), *(name for name in run.branches if name not in names)]


def newest_output(config: "Config", node_id: str, key: str) -> str:
    """URI of the artifact that a node wrote under `key` in the newest run of `config`'s pipeline that has one.

    Raises:
        RunsError: no run has one.
    """
    store = open_store(config.metadata)
    for context in reversed(run_contexts(store, config)):
        if uris := read_run(store, config.name, context).outputs(node_id, key):
            return uris[0]
    raise RunsError(
        f"no run of {config.name} in {config.metadata} got as far as {node_id}; `coldcast runs list` shows what "
        "happened"
    )


def write_notes(store: Any, run_id: str, notes: RunNotes, *, ended: bool) -> None:
    """Writes the runner's notes on a run into `store`, an open `MetadataStore`.

    The store itself records only nodes that started, so a run that was killed between two nodes looks like a whole one.
    `ended` tells them apart. A run of which no node started is not in the store, and gets no notes.
    """
    context = store.get_context_by_type_and_name("pipeline_run", run_id)
    if context is None:
        return
    if ended:
        context.custom_properties[ENDED].int_value = 1
    for name, key in RunNotes.properties().items():
        context.custom_properties[key].string_value = getattr(notes, name)
    store.put_contexts([context])
