"""Reads a run's artifacts, and makes its report."""

from collections.abc import Iterator
from typing import Any

from components.evaluation.blessing import blessing
from components.evaluation.config import CANDIDATE
from components.evaluation.results import load
from components.evaluation.scores import Scores, read_scores
from components.ingestion.outputs.accounting import read_accounting
from components.report.anomalies import read_anomalies, read_drift, was_made
from components.report.changes import changes_against, changes_of, trend_of
from components.report.curves import curves_of
from components.report.data import TRAINING, BranchReport, EpochReading, RunReport, RunResults
from components.report.inputs import BranchInputs, RunContext, RunInputs
from components.report.verdict import verdict
from files.storage import read_json
from models.report_file import TRAINING_REPORT


def results_of(inputs: RunInputs) -> RunResults:
    """Reads the artifacts of a run, and compares the kept scores.

    Raises:
        EvaluationError: an evaluation or scores cannot be read.
    """
    scores = {branch.name: read_scores(branch.scores) for branch in inputs.branches if branch.scores}
    return RunResults(
        branches=tuple(_branch(branch, scores.get(branch.name)) for branch in inputs.branches),
        changes=tuple(changes_of(scores)),
        accounting=read_accounting(inputs.accounting) if inputs.accounting else None,
        windows=inputs.windows,
        checks=tuple(check for check, uri in inputs.anomalies if was_made(uri)),
        anomalies=tuple(anomaly for check, uri in inputs.anomalies for anomaly in read_anomalies(check, uri)),
        drift=tuple(drift for check, uri in inputs.anomalies for drift in read_drift(check, uri)),
    )


def report_of(results: RunResults, context: RunContext) -> RunReport:
    """The report of a run: its results, and what only a finished run has.

    Raises:
        EvaluationError: the models of another run share no test row with those of this one.
    """
    changes = (*results.changes, *changes_against(context))
    return RunReport(
        **vars(results) | {"changes": changes},
        pipeline=context.pipeline,
        run=context.run,
        written=context.written,
        published=context.published,
        verdict=verdict(results.branches, changes, context.published),
        trend=tuple(trend_of(context)),
        followed=context.latest.name if context.latest else "",
        lineage=context.lineage,
    )


def _branch(inputs: BranchInputs, scores: Scores | None) -> BranchReport:
    outcome = blessing(inputs.evaluation, inputs.blessing) if inputs.blessing else None
    training = read_json(f"{inputs.model_run}/{TRAINING_REPORT}") if inputs.model_run else {"epochs": ()}
    return BranchReport(
        name=inputs.name,
        recipe=inputs.recipe,
        seed=inputs.seed,
        blessed=None if outcome is None else outcome.blessed,
        reasons=() if outcome is None else outcome.reasons,
        warm_start=training.get("started_from") is not None,
        figures=tuple(figure for figure in load(inputs.evaluation).figures if figure.model == CANDIDATE),
        curves=tuple(curves_of(scores)) if scores else (),
        epochs=tuple(_epochs(training)),
    )


def _epochs(training: dict[str, Any]) -> Iterator[EpochReading]:
    """The readings in `training.json`, epoch by epoch: the training loss, then AP and loss on validation."""
    labels = {value["head"]: value["label"] for epoch in training["epochs"] for value in epoch["readings"]}
    for epoch in training["epochs"]:
        number, chosen = epoch["number"], epoch["number"] == training["chosen_epoch"]
        for head, loss in epoch["losses"].items():
            if head in labels:
                yield EpochReading(number, labels[head], head, TRAINING, None, loss, chosen)
        for value in epoch["readings"]:
            place = value["label"], value["head"], value["source"]
            yield EpochReading(number, *place, value["ap"], value.get("loss"), chosen)
