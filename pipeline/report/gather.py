"""Gathers the artifacts and the surroundings of a run's report from the metadata store."""

from collections.abc import Iterator
from importlib.metadata import version

from components.pusher.card_files import CARD_MARKDOWN
from components.report.inputs import CHECKS, BranchInputs, OtherModel, RunContext, RunInputs
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.runs import judged_branches, list_runs
from pipeline.windows import windows_of

TREND = 8
"""Most earlier runs in the trend."""

_NODES = {
    "drift": "DistributionValidator.drift",
    "train_test": "DistributionValidator.train_test",
    "anomalies": "ExampleValidator",
}
"""The node that makes each check of `CHECKS`."""


def inputs_of(config: Config, run: Run) -> RunInputs:
    """The artifacts that the results of `run` are read from.

    Raises:
        RunsError: the run judged no model.
    """
    names = judged_branches(config, run)
    if not names:
        raise RunsError(f"run {run.id} has no report: it judged no model, or `coldcast runs clean` removed its results")
    return RunInputs(
        branches=tuple(_branch(config, run, name) for name in names),
        accounting=_first(run, "Ingestion", "accounting"),
        anomalies=tuple((CHECKS[key], uri) for key, node in _NODES.items() for uri in run.outputs(node, "anomalies")),
        windows=windows_of(config, run),
    )


def context_of(config: Config, run: Run, against: Run | None = None) -> RunContext:
    """The parts of the page that are not results of `run`: its names, other models, earlier runs, and lineage.

    Args:
        config: of the run.
        run: it has judged a branch.
        against: another run, whose models each branch is compared with.

    Raises:
        RunsError: `against` has no scores.
    """
    others = tuple(_models_of(against)) if against else ()
    if against and not others:
        raise RunsError(f"--against: run {against.id} has no scores to compare with; run the pipeline again")
    pushed = config.pushed_branch
    names = judged_branches(config, run)
    followed = pushed.name if pushed and pushed.name in names else names[-1]
    latest = _first(run, f"Evaluator.{followed}", "scores")
    own = [(name, _first(run, f"Evaluator.{name}", "scores")) for name in names]
    return RunContext(
        pipeline=config.name,
        run=run.id,
        written=f"{run.started:%Y-%m-%d %H:%M} UTC",
        published=run.version.rpartition("/")[2],
        own=tuple(OtherModel(name, uri) for name, uri in own if uri),
        against=others,
        latest=OtherModel(followed, latest) if latest else None,
        earlier=tuple(_earlier(config, run, followed)),
        lineage=tuple(_lineage(run)),
    )


def _first(run: Run, node: str, key: str) -> str:
    """The artifact of a node; empty if there is none."""
    return next(iter(run.outputs(node, key)), "")


def _branch(config: Config, run: Run, name: str) -> BranchInputs:
    evaluator = f"Evaluator.{name}"
    known = next((branch for branch in config.branches_to_run if branch.name == name), None)
    return BranchInputs(
        name=name,
        evaluation=_first(run, evaluator, "evaluation"),
        scores=_first(run, evaluator, "scores"),
        blessing=_first(run, evaluator, "blessing"),
        model_run=_first(run, f"Trainer.{name}", "model_run"),
        recipe=known.recipe_name if known else "",
        seed=known.seed if known else None,
    )


def _models_of(run: Run) -> Iterator[OtherModel]:
    for name in run.branches:
        for uri in run.outputs(f"Evaluator.{name}", "scores"):
            yield OtherModel(f"{name} of run {run.id}", uri)


def _earlier(config: Config, run: Run, branch: str) -> Iterator[OtherModel]:
    """The models of the branch in the last runs before this one, each model once."""
    own = run.outputs(f"Evaluator.{branch}", "scores")
    models = {
        uri: OtherModel(f"{other.started:%Y-%m-%d %H:%M}", uri)
        for other in list_runs(config)
        if other.started < run.started
        for uri in other.outputs(f"Evaluator.{branch}", "scores")
        if uri not in own
    }
    yield from list(models.values())[-TREND:]


def _lineage(run: Run) -> Iterator[tuple[str, str]]:
    """What the run was made from, as it noted then: the config may have changed since."""
    yield "Coldcast, which wrote this page", version("coldcast")
    notes = {
        "hash of the settings": run.notes.settings,
        "command": run.notes.command,
        "logs": run.notes.logs,
        "log of the libraries": run.notes.log,
    }
    yield from ((name, note) for name, note in notes.items() if note)
    if run.version:
        yield "model card", f"{run.version}/{CARD_MARKDOWN}"
    for node in run.nodes:
        for key, outputs in node.outputs.items():
            for output in outputs:
                yield f"{node.id}, {key} ({node.state}, {node.seconds:.0f} s)", output.uri
