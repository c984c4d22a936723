"""Trains the models of the learning curve: first the start model, then each way to train on each number of rows.

Each model is a run of the pipeline with one branch. After a stop, the finished ones are found in the cache.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from experiments.finetune.curve_model import CurveModel
from experiments.finetune.systems import (
    FROZEN,
    NOTHING_ALL,
    UNFROZEN,
    WAYS,
    NewTask,
    from_nothing,
    training_of,
)
from experiments.systems.configs import ExperimentWorld, Model, changed
from experiments.systems.errors import SystemsError
from experiments.systems.judged import judged_by
from experiments.systems.progress import TimeLeft
from experiments.systems.running import run_config, was_cached
from experiments.systems.system import System
from files.storage import read_json
from models.report_file import TRAINING_REPORT
from pipeline.configuration.config import Config
from pipeline.finetune.config import finetune_config
from pipeline.finetune.start import Start, find_start
from pipeline.metadata.records import Run, RunNotes
from pipeline.terminal.screen import say, say_sentence


@dataclass(frozen=True)
class _Job:
    """A run that trains and judges one model."""

    model: CurveModel
    branch: str
    config: Config
    start: Start | None = None


@dataclass(frozen=True)
class _Runs:
    """The runs of a learning curve, one after the other.

    Attributes:
        screen: gets a line for each model.
        notes: of every run.
        left: estimates the time that is left.
        scores: folder of the scores of each model that was run.
    """

    screen: Console
    notes: RunNotes
    left: TimeLeft
    scores: dict[CurveModel, str] = field(default_factory=dict)

    def run(self, job: _Job) -> Run:
        """Runs a job, adds the model's scores, and prints its line."""
        began = time.monotonic()
        model = job.model
        size = f"{model.way}, {model.rows:,} rows" if model.rows else job.branch.rpartition("-")[0]
        title = f"{size}, seed {model.seed}, {model.world.name}"
        result = run_config(job.config, title, self.screen, self.notes, job.start)
        self.scores[model] = judged_by(result, job.branch).scores
        named = Model(model.world, System(size, ""), model.seed)
        say(self.screen, self.left.line(named, time.monotonic() - began, cached=was_cached(result, job.branch)))
        return result


def run_curve(
    task: NewTask,
    worlds: Sequence[ExperimentWorld],
    seeds: int,
    sizes: Sequence[int],
    ways: Sequence[str],
    screen: Console,
    log: Path,
    command: str,
) -> dict[CurveModel, str]:
    """The folder of the scores of each model. Call it inside `quiet.into`.

    A number of rows that the training days do not have is left out.

    Args:
        task: the new task.
        worlds: the worlds.
        seeds: the seeds are 1 to `seeds`. The start model and the models that start from it have the same one.
        sizes: numbers of training rows. With one seed, a smaller sample is part of a larger one, and it is the same for
            all ways.
        ways: of `WAYS`.
        screen: where the lines go.
        log: file for the pipeline's output.
        command: the command that starts the experiment again.

    Raises:
        SystemsError: the config cannot run a model, or all numbers of rows are too great.
        RunsError: a start model was not blessed.
        Exception: any error of a node. The same command goes on there.
    """
    screen.file = screen.file  # this very file, also while standard output goes to the log
    starts = [Model(world, task.start, seed) for world in worlds for seed in range(1, seeds + 1)]
    for model in starts:  # before hours of work
        _check(model, task, sizes)
    left = TimeLeft(len(starts) * (1 + len(sizes) * len(ways)))
    runs = _Runs(screen, RunNotes(command=command, log=str(log)), left)
    for model in starts:
        first = runs.run(_Job(CurveModel(model.world, "", 0, model.seed), model.branch, model.config))
        start = find_start(model.config, first.id, model.branch)
        fitting = _fitting(sizes, _rows(first, model.branch), model.world.name, screen)
        left.drop((len(sizes) - len(fitting)) * len(ways))
        for job in _jobs(model, task, start, fitting, ways):
            runs.run(job)
    return runs.scores


def _fitting(sizes: Sequence[int], available: int, world: str, screen: Console) -> list[int]:
    """The numbers of rows that a world has; names the others on the screen.

    Raises:
        SystemsError: all are too great.
    """
    fitting = [size for size in sizes if size <= available]
    if len(fitting) < len(sizes):
        many = ", ".join(f"{size:,}" for size in sizes if size > available)
        if not fitting:
            raise SystemsError(f"--rows {many}: {world} has about {available:,} training rows only; name fewer")
        say_sentence(screen, f"{world} has about {available:,} training rows; left out: {many}")
    return fitting


def _jobs(model: Model, task: NewTask, start: Start, sizes: Sequence[int], ways: Sequence[str]) -> Iterator[_Job]:
    for size in sizes:
        for way in ways:
            trained = CurveModel(model.world, way, size, model.seed)
            if way in (FROZEN, UNFROZEN):
                branch = f"{task.name}-{way}-{size}-{model.seed}"
                yield _Job(trained, branch, tuned_config(model, task, start, size, way == FROZEN, branch), start)
            else:
                system = from_nothing(model.world.config, task, size, all_heads=way == NOTHING_ALL)
                other = Model(model.world, system, model.seed)
                yield _Job(trained, other.branch, other.config)


def tuned_config(model: Model, task: NewTask, start: Start, rows: int, frozen: bool, branch: str) -> Config:
    """The config of `coldcast finetune --rows`, of a model that is not published.

    Args:
        model: the start model's.
        task: the new task.
        start: the trained start model.
        rows: training rows.
        frozen: whether only the new tower learns.
        branch: name of the branch.
    """
    config = changed(model.config.model_dump(), {"trainer": training_of(model.config, rows)}, branch)
    tuned = finetune_config(config, start, task.name, frozen=frozen).model_dump()
    (row,) = tuned["branches"]
    return changed(tuned, {"branches": [{**row, "name": branch, "seed": model.seed, "pushed": False}]}, branch)


def _check(model: Model, task: NewTask, sizes: Sequence[int]) -> None:
    """Makes every config, so that a wrong one is an error now."""
    (branch,) = model.config.branches_to_run
    untrained = Start("", branch.name, "/start", "", "", branch.spec(model.config.domain, model.config.features))
    for _ in _jobs(model, task, untrained, sizes, WAYS):
        pass


def _rows(run: Run, branch: str) -> int:
    """The training rows of a model that was trained on all: those of one epoch, in whole batches."""
    report = read_json(f"{run.outputs(f'Trainer.{branch}', 'model_run')[0]}/{TRAINING_REPORT}")
    return int(report["epochs"][0]["examples"])
