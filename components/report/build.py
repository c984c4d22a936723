"""Reads a run's artifacts and makes its report."""

from collections.abc import Iterator
from typing import Any

from components.evaluation.blessing import blessing
from components.evaluation.config import CANDIDATE
from components.evaluation.errors import EvaluationError
from components.evaluation.paired.compare import compare
from components.evaluation.paired.correction import tally
from components.evaluation.paired.measures import AP
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.results import load
from components.evaluation.scores import Scores, read_scores
from components.ingestion.outputs.accounting import read_accounting
from components.report.anomalies import read_anomalies, read_drift
from components.report.curves import curves_of
from components.report.data import TRAINING, BranchReport, Change, Epoch, Report, Trend
from components.report.inputs import BranchInputs, Inputs, OtherModel
from components.report.verdict import verdict
from files.storage import read_json
from models.report_file import TRAINING_REPORT


def build(inputs: Inputs) -> Report:
    """The report of a run.

    Raises:
        EvaluationError: an evaluation or scores cannot be read, or models to compare share no test row.
    """
    scores = {branch.name: read_scores(branch.scores) for branch in inputs.branches if branch.scores}
    branches = tuple(_branch(branch, scores.get(branch.name)) for branch in inputs.branches)
    changes = tuple(_changes(inputs, scores))
    return Report(
        pipeline=inputs.pipeline,
        run=inputs.run,
        written=inputs.written,
        published=inputs.published,
        verdict=verdict(branches, changes, inputs.published),
        branches=branches,
        changes=changes,
        trend=tuple(_trend(inputs, scores)),
        accounting=read_accounting(inputs.accounting) if inputs.accounting else None,
        checks=tuple(check for check, _ in inputs.anomalies),
        anomalies=tuple(anomaly for check, uri in inputs.anomalies for anomaly in read_anomalies(check, uri)),
        drift=tuple(drift for check, uri in inputs.anomalies for drift in read_drift(check, uri)),
        splits=inputs.splits,
        lineage=inputs.lineage,
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


def _epochs(training: dict[str, Any]) -> Iterator[Epoch]:
    """What `training.json` says of each epoch: the training loss, then AP and loss on validation."""
    labels = {value["head"]: value["label"] for epoch in training["epochs"] for value in epoch["readings"]}
    for epoch in training["epochs"]:
        number, chosen = epoch["number"], epoch["number"] == training["chosen_epoch"]
        for head, loss in epoch["losses"].items():
            if head in labels:
                yield Epoch(number, labels[head], head, TRAINING, None, loss, chosen)
        for value in epoch["readings"]:
            place = value["label"], value["head"], value["source"]
            yield Epoch(number, *place, value["ap"], value.get("loss"), chosen)


def _changes(inputs: Inputs, scores: dict[str, Scores]) -> Iterator[Change]:
    """Each branch beside the first one, beside the last blessed model, and beside the models of another run."""
    names = [branch.name for branch in inputs.branches if branch.name in scores]
    for name in names:
        if name != names[0]:
            yield _change(name, names[0], scores[name], scores[names[0]])
    for name in names:
        if last := scores[name].last_blessed:
            yield _change(name, "the last blessed model", scores[name], last)
    for other in inputs.against:
        theirs = read_scores(other.scores)
        for name in names:
            yield _change(name, other.name, scores[name], theirs)


def _change(name: str, other: str, ours: Scores, theirs: Scores) -> Change:
    rows = compare([ours], [theirs])
    return Change(name, other, rows, tally([row for row in rows if row.measure == AP]))


def _trend(inputs: Inputs, scores: dict[str, Scores]) -> Iterator[Trend]:
    """Each earlier model beside the last branch, which is the one that is pushed."""
    if not scores:
        return
    ours = list(scores.values())[-1]
    for other in inputs.earlier:
        yield _beside_earlier(other, ours)


def _beside_earlier(other: OtherModel, ours: Scores) -> Trend:
    """The differences in AP from an earlier model by source, or why there are none. It must not cost the report."""
    try:
        return Trend(other.name, compare([ours], [read_scores(other.scores)], BY_SOURCE, (AP,)))
    except EvaluationError as error:
        return Trend(other.name, (), str(error))
