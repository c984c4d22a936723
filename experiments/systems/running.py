"""Trains and judges the models of an experiment, each by a run of the pipeline.

A run has one branch. The first run of a world also does ingestion, statistics, and Transform; TFX's cache gives these
nodes to all others. After a kill, the same command finds the finished nodes in the cache, and goes on.
"""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from experiments.systems.configs import Model
from experiments.systems.judged import Judged, judged_by
from experiments.systems.progress import TimeLeft
from logs.listing import list_logs
from pipeline.configuration.config import Config
from pipeline.execute import checked_pipeline, provide_logs
from pipeline.finetune.start import Start
from pipeline.metadata.records import Run, RunNotes
from pipeline.runs import find_run
from pipeline.terminal.screen import say


def run_models(models: Sequence[Model], screen: Console, log: Path, command: str) -> dict[Model, Judged]:
    """Runs every model that is not in the cache, and prints a line for each model. Call it inside `quiet.into`.

    Args:
        models: in the order of the runs; those of one world should follow each other.
        screen: where the lines go.
        log: file for the pipeline's output.
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


def run_config(config: Config, title: str, screen: Console, notes: RunNotes, start: Start | None = None) -> Run:
    """Runs the pipeline of a config, and returns the run. Call it inside `quiet.into`.

    Args:
        config: of the run.
        title: shown on the screen while it runs.
        screen: the screen.
        notes: of the run; the pipeline's output goes to their `log`.
        start: the model to fine-tune; None to train as the config says.

    Raises:
        Exception: any error of a node.
    """
    from pipeline.runners import local

    config.beam.apply()
    if list_logs(config.logs).empty:  # else it would warn of the same logs in each run
        provide_logs(config, screen, simulate=True, typed=("", []))
    pipeline = checked_pipeline(config, start, report=False)  # an experiment has tables of its own
    with (
        screen.status(title),
        open(notes.log, "a", encoding="utf-8") as log,
        contextlib.redirect_stdout(log),  # each node prints a line, and so does each epoch
    ):
        run_id = local.run(pipeline, Console(file=log, width=120), notes)
    return find_run(config, run_id)
