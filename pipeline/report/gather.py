"""What a report is made from, for a run in the metadata store."""

from collections.abc import Iterator
from importlib.metadata import version

from components.pusher.digest import CARD_MARKDOWN
from components.report.inputs import BranchInputs, Inputs, OtherModel
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.runs import judged_branches, list_runs
from pipeline.windows import windows_of

TREND = 8
"""Most earlier runs in the trend."""

_ANOMALIES = {
    "this run beside the last one": "DistributionValidator.drift",
    "test beside training days": "DistributionValidator.train_test",
    "rows beside the schema": "ExampleValidator",
}


def report_inputs(config: Config, run: Run, against: Run | None = None) -> Inputs:
    """The inputs of the report of `run`.

    Args:
        config: of the run.
        run: it has judged a branch, and its artifacts are still there.
        against: another run, whose models each branch is compared with.

    Raises:
        RunsError: the run judged no model, or `against` has no scores.
    """
    if not run.branches:
        raise RunsError(f"run {run.id} has no report: it judged no model, or `coldcast runs clean` removed its results")
    branches = tuple(_branch(config, run, name) for name in _in_order(config, run))
    others = tuple(_models_of(against)) if against else ()
    if against and not others:
        raise RunsError(f"--against: run {against.id} has no scores to compare with; run the pipeline again")
    return Inputs(
        pipeline=config.name,
        run=run.id,
        written=f"{run.started:%Y-%m-%d %H:%M} UTC",
        branches=branches,
        published=run.version.rpartition("/")[2],
        accounting=next(iter(run.outputs("Ingestion", "accounting")), ""),
        anomalies=tuple((check, uri) for check, node in _ANOMALIES.items() for uri in run.outputs(node, "anomalies")),
        against=others,
        earlier=tuple(_earlier(config, run, branches[-1].name)),
        splits=tuple(
            (window.split, window.first_day, window.last_day, window.rows) for window in windows_of(config, run)
        ),
        lineage=tuple(_lineage(config, run)),
    )


def _in_order(config: Config, run: Run) -> list[str]:
    """The branches, the one that the config pushes last."""
    pushed = config.pushed_branch
    return sorted(judged_branches(config, run), key=lambda name: pushed is not None and name == pushed.name)


def _branch(config: Config, run: Run, name: str) -> BranchInputs:
    def first(node: str, key: str) -> str:
        return next(iter(run.outputs(node, key)), "")

    evaluator = f"Evaluator.{name}"
    known = next((branch for branch in config.branches_to_run if branch.name == name), None)
    return BranchInputs(
        name=name,
        evaluation=first(evaluator, "evaluation"),
        scores=first(evaluator, "scores"),
        blessing=first(evaluator, "blessing"),
        model_run=first(f"Trainer.{name}", "model_run"),
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


def _lineage(config: Config, run: Run) -> Iterator[tuple[str, str]]:
    yield "Coldcast", version("coldcast")
    yield "command", run.notes.command
    yield "logs", config.logs
    yield "log of the libraries", run.notes.log
    if run.version:
        yield "model card", f"{run.version}/{CARD_MARKDOWN}"
    for node in run.nodes:
        for key, outputs in node.outputs.items():
            for output in outputs:
                yield f"{node.id}, {key} ({node.state}, {node.seconds:.0f} s)", output.uri
