"""The results of each model of an experiment, from its run: scores of the test rows, and AP on the validation days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.systems.configs import Model
from experiments.systems.errors import SystemsError
from models.spec import TrainingSpec
from pipeline.errors import RunsError
from pipeline.finetune.lineage import training_of
from pipeline.metadata.records import Run
from pipeline.metadata.store import open_store
from pipeline.runs import list_runs
from transforms.domain import STREAM


@dataclass(frozen=True)
class Judged:
    """A model that was trained and judged.

    Attributes:
        scores: folder of its scores of the test rows.
        validation: AP of streams on the validation days by source, of the chosen epoch.
        labelled: labelled impressions of the logs by source.
    """

    scores: str
    validation: Mapping[str, float]
    labelled: Mapping[str, int]


def kept_models(models: Sequence[Model]) -> dict[Model, Judged]:
    """The models as the newest runs with their settings left them; nothing is trained.

    Raises:
        SystemsError: a model was not trained and judged yet, or only with other settings, or its scores were removed.
    """
    judged: dict[Model, Judged] = {}
    runs: dict[str, list[Run]] = {}  # by world, the newest first
    for model in models:
        world = model.world.name
        if world not in runs:
            try:
                runs[world] = list_runs(model.world.config)[::-1]
            except RunsError:  # no run of the world yet
                runs[world] = []
        named = [run for run in runs[world] if model.branch in run.branches]
        newest = next((run for run in named if trained_spec(run, model) == model.spec), None)
        if newest is None:
            state = "it was trained with other settings only" if named else "it was not trained and judged yet"
            raise SystemsError(
                f"{model.system.name}, seed {model.seed}, {world}: {state}; start the same command without --beside"
            )
        judged[model] = judged_by(newest, model.branch)
    return judged


def trained_spec(run: Run, model: Model) -> TrainingSpec | None:
    """How a run trained its model of this name; None if nothing says so any more."""
    uris = run.outputs(f"Trainer.{model.branch}", "model")
    try:
        return training_of(open_store(model.world.config.metadata), uris[0], model.branch).spec if uris else None
    except RunsError:  # of another version, or its inputs were removed
        return None


def judged_by(run: Run, branch: str) -> Judged:
    """The results of a branch, from the artifacts of its run.

    Raises:
        SystemsError: the run has no scores, or they were removed.
    """
    from components.ingestion.outputs.accounting import read_accounting
    from files.storage import read_json
    from models.report_file import TRAINING_REPORT

    scores = run.outputs(f"Evaluator.{branch}", "scores")
    reports = run.outputs(f"Trainer.{branch}", "model_run")
    if not scores or not reports:
        raise SystemsError(f"the run {run.id} has no scores of {branch}; remove its root, and start again")
    labelled: Counter[str] = Counter()
    for day in read_accounting(run.outputs("Ingestion", "accounting")[0]).days.values():
        labelled.update(day.labelled)
    return Judged(scores[0], validation_ap(read_json(f"{reports[0]}/{TRAINING_REPORT}")), labelled)


def validation_ap(report: Mapping[str, Any]) -> dict[str, float]:
    """AP of streams by source of the chosen epoch in `training.json`; the first head of a source counts."""
    epoch = report["epochs"][report["chosen_epoch"] - 1]
    aps: dict[str, float] = {}
    for reading in epoch["readings"]:
        if reading["label"] == STREAM and reading["ap"] is not None:
            aps.setdefault(reading["source"], reading["ap"])
    return aps
