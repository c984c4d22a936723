"""Trains and judges the models of an experiment, each by a run of the pipeline.

A run has one branch. The first run of a world also does ingestion, statistics, and Transform; TFX's cache gives these
nodes to all others. After a kill, the same command finds the finished nodes in the cache, and goes on.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments.systems.configs import Model
from experiments.systems.errors import SystemsError
from experiments.systems.progress import TimeLeft
from pipeline.configuration.config import Config
from pipeline.execute import checked_pipeline
from pipeline.finetune.start import Start
from pipeline.metadata.records import Run, RunNotes
from pipeline.runs import find_run
from pipeline.terminal.screen import say
from pipeline.world import simulate_logs
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


def run_models(models: Sequence[Model], screen: Console, log: Path, command: str) -> dict[Model, Judged]:
    """Runs what is not in the cache, and prints a line for each model. Call it inside `quiet.into`.

    Args:
        models: in the order of the runs; those of one world should follow each other.
        screen: where the lines go.
        log: file that gets what the pipeline prints.
        command: the command that starts the experiment again, for the notes of the runs.

    Raises:
        SystemsError: the config cannot run a system; nothing has run then.
        Exception: any error of a node. The same command goes on there.
    """
    configs = [model.config for model in models]  # before hours of work
    screen.file = screen.file  # this very file, also while standard output goes to the log
    judged: dict[Model, Judged] = {}
    left = TimeLeft(len(models))
    notes = RunNotes(command=command, log=str(log))
    for model, config in zip(models, configs, strict=True):
        began = time.monotonic()
        run = run_config(config, f"{model.system.name}, seed {model.seed}, {model.world.name}", screen, notes)
        judged[model] = judged_by(run, model.branch)
        say(screen, left.line(model, time.monotonic() - began, cached=was_cached(run, model.branch)))
    return judged


def was_cached(run: Run, branch: str) -> bool:
    """Whether an earlier run had trained and judged the branch."""
    nodes = (run.node(f"{name}.{branch}") for name in ("Trainer", "Evaluator"))
    return all(node is not None and node.state == "cached" for node in nodes)


def judged_by(run: Run, branch: str) -> Judged:
    """What a run left of a branch.

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


def run_config(config: Config, title: str, screen: Console, notes: RunNotes, start: Start | None = None) -> Run:
    """Runs the pipeline of a config, and returns the run. Call it inside `quiet.into`.

    Args:
        config: of the run.
        title: what the screen shows meanwhile.
        screen: the screen.
        notes: of the run; what the pipeline prints goes to their `log`.
        start: the model to fine-tune; None to train as the config says.

    Raises:
        Exception: any error of a node.
    """
    from pipeline.runners import local

    config.beam.apply()
    _provide_logs(config, screen)
    pipeline = checked_pipeline(config, start)
    with (
        screen.status(title),
        open(notes.log, "a", encoding="utf-8") as log,
        contextlib.redirect_stdout(log),  # each node prints a line, and so does each epoch
    ):
        run_id = local.run(pipeline, Console(file=log, width=120), notes)
    return find_run(config, run_id)


def _provide_logs(config: Config, screen: Console) -> None:
    """Simulates the world if it has no logs yet.

    Raises:
        SystemsError: there are no logs, and the config has no simulation.
    """
    from logs.listing import list_logs

    if not list_logs(config.logs).empty:
        return
    if config.simulation is None:
        raise SystemsError(f"there are no logs in {config.logs}; set `logs` to the folder of yours (docs/data.md)")
    simulate_logs(config, screen)
