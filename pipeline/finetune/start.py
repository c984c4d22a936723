"""The blessed model that fine-tuning starts from, with what it was made from, found through ML Metadata."""

import json
import os
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from tfx.utils.path_utils import serving_model_dir

from models.spec import TrainingSpec
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.metadata.store import open_store
from pipeline.runs import find_run, list_runs

if TYPE_CHECKING:
    from pipeline.configuration.config import Config

_TRAINER = "Trainer."


@dataclass(frozen=True)
class Start:
    """A blessed model.

    Attributes:
        run: id of the run that trained it.
        branch: its branch.
        model: its folder, the URI of its artifact.
        transform_graph: folder of the Transform that it was trained through.
        examples: folder of the splits that it was trained on.
        spec: how it was trained.
    """

    run: str
    branch: str
    model: str
    transform_graph: str
    examples: str
    spec: TrainingSpec


def find_start(config: "Config", given: str | None = None, branch: str | None = None) -> Start:
    """The model that `given` names, if it is blessed.

    Args:
        config: of the pipeline that trained the model.
        given: a run's id or its first characters; the folder of a published version or of a Trainer's model; None for
            the newest run that has a blessed model.
        branch: the branch of the run; None for the one that is pushed, or else the only one that is blessed.

    Raises:
        RunsError: there is no such run or model, the model is not blessed, or its artifacts are removed.
    """
    if given is not None and os.sep in given:
        run, chosen = _run_of_folder(config, given)
    elif given is not None:
        run = find_run(config, given)
        chosen = _branch(config, run, branch)
    else:
        runs = [run for run in reversed(list_runs(config)) if run.blessed]
        if not runs:
            raise RunsError(
                f"no run of {config.name} has a blessed model to start from; `coldcast runs list` shows which were "
                "judged"
            )
        run = runs[0]
        chosen = _branch(config, run, branch)
    if chosen not in run.blessed:
        raise RunsError(
            f"the model of {chosen} in the run {run.id} is not blessed, so nothing may start from it; `coldcast runs "
            f"show {run.id}` says why"
        )
    models = run.outputs(f"{_TRAINER}{chosen}", "model")
    if not models or not pathlib.Path(models[0]).is_dir():
        raise RunsError(f"the model of {chosen} in the run {run.id} was removed; name a run that is kept")
    return _start(open_store(config.metadata), run, chosen, models[0])


def _run_of_folder(config: "Config", folder: str) -> tuple[Run, str]:
    wanted = os.path.realpath(folder)
    for run in reversed(list_runs(config)):
        for name, uri in _models(run):
            if wanted in (os.path.realpath(uri), os.path.realpath(serving_model_dir(uri))):
                return run, name
        pushed = config.pushed_branch
        if run.version and os.path.realpath(run.version) == wanted and pushed is not None:
            return run, pushed.name
    raise RunsError(
        f"--from {folder}: no run of {config.name} in {config.metadata} made the model in this folder; name a version "
        "that such a run published, the folder of a Trainer's model, or a run"
    )


def _branch(config: "Config", run: Run, branch: str | None) -> str:
    names = [name for name, _ in _models(run)]
    if branch is not None:
        if branch not in names:
            raise RunsError(
                f"--branch {branch}: the run {run.id} trained no such branch; it has {', '.join(names) or 'none'}"
            )
        return branch
    if config.pushed_branch is not None and config.pushed_branch.name in names:
        return config.pushed_branch.name
    if len(run.blessed) == 1:
        return run.blessed[0]
    raise RunsError(
        f"the run {run.id} has {len(run.blessed)} blessed models; name the branch to start from with --branch: "
        f"{', '.join(names)}"
    )


def _models(run: Run) -> Iterator[tuple[str, str]]:
    for node in run.nodes:
        if node.id.startswith(_TRAINER):
            for output in node.outputs.get("model", ()):
                yield node.id.removeprefix(_TRAINER), output.uri


def _start(store: Any, run: Run, branch: str, uri: str) -> Start:
    """The model with the inputs of the Trainer that made it, which may have run in an earlier run."""
    from ml_metadata.proto import metadata_store_pb2

    artifacts = store.get_artifacts_by_uri(uri)
    events = store.get_events_by_artifact_ids([artifact.id for artifact in artifacts])
    made = {event.execution_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT}
    trainers = [
        execution
        for execution in store.get_executions_by_id(sorted(made))
        if "custom_config" in execution.custom_properties
    ]
    if not trainers:
        raise RunsError(f"the metadata store does not say how the model in {uri} was trained; name another run")
    trainer = trainers[0]
    given = {
        event.artifact_id
        for event in store.get_events_by_execution_ids([trainer.id])
        if event.type == metadata_store_pb2.Event.INPUT
    }
    types = {type_.id: type_.name for type_ in store.get_artifact_types()}
    folders = {types[artifact.type_id]: artifact.uri for artifact in store.get_artifacts_by_id(sorted(given))}
    for kind in ("TransformGraph", "Examples"):
        if kind not in folders or not pathlib.Path(folders[kind]).is_dir():
            raise RunsError(
                f"the {kind} artifact that the model of {branch} was trained with was removed, and fine-tuning needs "
                "it; name a run that is kept, or run the pipeline again"
            )
    custom = json.loads(trainer.custom_properties["custom_config"].string_value)
    try:
        spec = TrainingSpec.model_validate(custom["spec"])
    except (ValidationError, KeyError):
        raise RunsError(
            f"the model of {branch} in the run {run.id} was trained by another version of Coldcast; train it again"
        ) from None
    return Start(run.id, branch, uri, folders["TransformGraph"], folders["Examples"], spec)
