"""The blessed model that fine-tuning starts from, its Transform, and its rows, found through ML Metadata."""

import os
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfx.utils.path_utils import serving_model_dir

from models.spec import TrainingSpec
from pipeline.errors import RunsError
from pipeline.finetune.lineage import model_uris, training_of
from pipeline.metadata.records import PUSHER, Run
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
            the newest run that has blessed the branch.
        branch: the branch of the run; None for the one that is pushed, or else the only one that is blessed. The folder
            of a model has its own branch.

    Raises:
        RunsError: there is no such run or model, the model is not blessed, or its artifacts are removed.
    """
    if given is not None and os.sep in given:
        run, chosen = _run_of_folder(config, given)
    elif given is not None:
        run = find_run(config, given)
        chosen = _branch(config, run, branch)
    else:
        run, chosen = _newest(config, branch)
    if chosen not in run.blessed:
        raise RunsError(
            f"the model of {chosen} in the run {run.id} is not blessed, so nothing may start from it; `coldcast runs "
            f"show {run.id}` says why"
        )
    models = run.outputs(f"{_TRAINER}{chosen}", "model")
    if not models or not pathlib.Path(models[0]).is_dir():
        raise RunsError(f"the model of {chosen} in the run {run.id} was removed; name a run that is kept")
    trained = training_of(open_store(config.metadata), models[0], f"{chosen} in the run {run.id}")
    return Start(run.id, chosen, models[0], trained.transform_graph, trained.examples, trained.spec)


def _newest(config: "Config", branch: str | None) -> tuple[Run, str]:
    """The newest run that has blessed the branch, and the branch; None for the one that is pushed, or the only one."""
    blessed = [run for run in reversed(list_runs(config)) if run.blessed]
    for run in blessed:
        wanted = branch or _usual_branch(config, run)
        if wanted is not None and wanted in run.blessed:
            return run, wanted
    if blessed and branch is None:
        return blessed[0], _branch(config, blessed[0], None)  # or an error that says what is missing
    whose = "" if branch is None else f" of {branch}"
    raise RunsError(
        f"no run of {config.name} has a blessed model{whose} to start from; `coldcast runs list` shows which were "
        "judged"
    )


def _run_of_folder(config: "Config", folder: str) -> tuple[Run, str]:
    wanted = os.path.realpath(folder)
    for run in reversed(list_runs(config)):
        models = tuple(_models(run))
        for name, uri in models:
            if wanted in (os.path.realpath(uri), os.path.realpath(serving_model_dir(uri))):
                return run, name
        if run.version and os.path.realpath(run.version) == wanted:
            pushed = model_uris(open_store(config.metadata), run.outputs(PUSHER, "pushed_model"))
            for name, uri in models:  # the config may push another branch by now
                if uri in pushed:
                    return run, name
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
    if usual := _usual_branch(config, run):
        return usual
    raise RunsError(
        f"the run {run.id} has {len(run.blessed)} blessed models; name the branch to start from with --branch: "
        f"{', '.join(names)}"
    )


def _usual_branch(config: "Config", run: Run) -> str | None:
    """The branch that the config pushes if the run trained it, or else the only one that the run blessed."""
    if config.pushed_branch is not None and config.pushed_branch.name in (name for name, _ in _models(run)):
        return config.pushed_branch.name
    return run.blessed[0] if len(run.blessed) == 1 else None


def _models(run: Run) -> Iterator[tuple[str, str]]:
    for node in run.nodes:
        if node.id.startswith(_TRAINER):
            for output in node.outputs.get("model", ()):
                yield node.id.removeprefix(_TRAINER), output.uri
