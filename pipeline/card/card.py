"""The content of a model card, as data (Mitchell et al. 2019, "Model Cards for Model Reporting", arXiv 1810.03993)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from components.evaluation.config import CANDIDATE
from components.evaluation.results import SliceFigure, load
from files.storage import read_json
from models.report_file import TRAINING_REPORT
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from pipeline.runs import list_runs
from pipeline.windows import windows_of

FORMAT = 1
"""The version of the card's JSON."""

_FIGURE = ("ap", "low", "high", "base_rate", "positives", "examples", "judged")
_CALIBRATION = ("calibration", "calibration_low", "calibration_high")


@dataclass(frozen=True)
class Card:
    """A model card.

    Attributes:
        values: everything in it, as JSON values.
    """

    values: dict[str, Any]


def card_of(config: Config, run: Run) -> Card:
    """The card of the version that is this run's model.

    Args:
        config: of the run; it pushes a branch.
        run: its model is published, and its artifacts are still there.
    """
    branch = config.pushed_branch
    if branch is None:
        raise ValueError("the config pushes no branch")
    (evaluation,) = run.outputs(f"Evaluator.{branch.name}", "evaluation")[:1]
    figures = [figure for figure in load(evaluation).figures if figure.model == CANDIDATE]
    reports = [read_json(f"{uri}/{TRAINING_REPORT}") for uri in run.outputs(f"Trainer.{branch.name}", "model_run")[:1]]
    warm_start = any(training.get("started_from") is not None for training in reports)
    return Card(
        {
            "format": FORMAT,
            "model": config.serving.model_name,
            "version": run.version.rstrip("/").rpartition("/")[2],
            "trained": f"{_trained(config, run, branch):%Y-%m-%d %H:%M} UTC",
            "recipe": branch.recipe_name,
            "warm_start": warm_start,
            "intended_use": list(_uses(branch)),
            "tasks": [
                {
                    "name": task.name,
                    "label": task.label,
                    "trained_on": list(task.trained_on),
                    "read_on": sorted(branch.recipe.sources_of(task.name)),
                }
                for task in branch.recipe.tasks
            ],
            "data": _data(config, run),
            "metrics": [_metric(figure) for figure in figures if figure.examples and figure.ap is not None],
            "limits": list(_limits(config, branch, figures, warm_start)),
            "lineage": {
                "coldcast": version("coldcast"),
                "pipeline": config.name,
                "run": run.id,
                "command": run.notes.command,
                "seed": branch.seed,
                "artifacts": {
                    f"{node.id}/{key}": [output.uri for output in outputs]
                    for node in run.nodes
                    for key, outputs in node.outputs.items()
                    if outputs
                },
            },
        }
    )


def _trained(config: Config, run: Run, branch: Branch) -> datetime:
    """When the training of the run's model began: an earlier run may have trained it."""
    trainer = f"Trainer.{branch.name}"
    models = run.outputs(trainer, "model")
    for other in list_runs(config):
        node = other.node(trainer)
        if node and node.started and node.state == "complete" and models and other.outputs(trainer, "model") == models:
            return node.started
    return run.started


def _uses(branch: Branch) -> Iterator[str]:
    sources = " and ".join(branch.recipe.read_on)
    yield f"To rank candidate shows for a listener on {sources}, by the probability of each head."
    yield "To bid and to pace by these probabilities, where expected / observed below is near 1."


def _data(config: Config, run: Run) -> dict[str, Any]:
    """The window of each split, and the rows by source."""
    return {"logs": config.logs} | {window.split: asdict(window) for window in windows_of(config, run)}


def _metric(figure: SliceFigure) -> dict[str, Any]:
    return {"head": figure.head, "label": figure.label, "slice": figure.slice} | {
        name: getattr(figure, name) for name in (*_FIGURE, *_CALIBRATION)
    }


def _limits(config: Config, branch: Branch, figures: list[SliceFigure], warm_start: bool) -> Iterator[str]:
    yield (
        "It is measured on impressions that the policy of the time chose to show. For impressions that no policy would "
        "have shown, nothing is known."
    )
    yield f"It knows the days before {config.split.test_days} test days; scores age as shows and campaigns change."
    few: dict[str, list[str]] = {}
    for figure in figures:
        if not figure.judged and figure.examples:
            few.setdefault(figure.head, []).append(figure.slice)
    for head, slices in few.items():
        yield (
            f"{head} is not judged on slices with fewer than {config.evaluator.min_positives} positives: "
            f"{'; '.join(sorted(slices))}."
        )
    outside = [source for source in config.sources if source not in branch.recipe.trained_on]
    if outside:
        but = ", except those of the model whose weights it started from" if warm_start else ""
        yield f"It has no training rows of {' and '.join(outside)}{but}."
    if config.simulation is not None:
        yield "It was trained on a simulated world, so its figures say nothing about real listeners."
