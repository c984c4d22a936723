"""The tests of all worlds, one after the other; a test that an earlier command finished is not run again."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from experiments.ab.policies.policy import Policy
from experiments.ab.simulate.folders import results_of
from experiments.ab.simulate.models import scorers_of
from experiments.ab.simulate.retraining import own, trained_again
from experiments.ab.simulate.running import LOGS, Earlier, run_test
from experiments.ab.simulate.scorer import Scorer
from experiments.systems.configs import ExperimentWorld
from experiments.systems.progress import duration
from pipeline.configuration.config import Config
from pipeline.terminal.screen import say
from simulation.clock import day_date

_BARS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"), TimeRemainingColumn())

SHARED, OWN = "shared logs", "own logs"
"""Kinds of tests: the models of the arms learn from the logs of all arms, or each from those of its own."""


@dataclass(frozen=True)
class Tests:
    """The tests of one kind.

    Attributes:
        policies: of the arms, the control first.
        folders: of the results, by the name of the world.
        start: first day; None for the first day with arms.
    """

    policies: tuple[Policy, ...]
    folders: Mapping[str, Path]
    start: date | None = None


@dataclass(frozen=True)
class AbRunner:
    """Runs the same test in each world.

    Attributes:
        config: of the command; a world with its settings may use the models of its root.
        policies: of the arms.
        days: length of each test.
        folder: of the results.
        screen: where lines go.
        log: file for the pipeline's output.
        command: the command that starts again.
    """

    config: Config
    policies: tuple[Policy, ...]
    days: int
    folder: Path
    screen: Console
    log: Path
    command: str

    def run(self, worlds: Sequence[ExperimentWorld], *, own_logs: bool) -> dict[str, Tests]:
        """The tests by kind: `SHARED`, and with `own_logs` also `OWN`.

        With `own_logs`, a test of the same length goes before, and all models are then trained again, once on the logs
        of all arms and once on those of their own.
        """
        kinds = {SHARED: self.policies, **({OWN: own(self.policies)} if own_logs else {})}
        folders: dict[str, dict[str, Path]] = {kind: {} for kind in kinds}
        began, start = time.monotonic(), None
        for number, world in enumerate(worlds, 1):
            simulation = world.config.simulation
            if simulation is None:
                raise ValueError(f"{world.name} is not simulated")
            roots = [self.config] if simulation == self.config.simulation else []
            settings = [*roots, world.config]
            scorers, run_id = scorers_of(self.policies, settings, self.screen, self.log, self.command)
            first = self._test(world, self.policies, scorers, [run_id])
            if own_logs:
                start = day_date(simulation, simulation.end_day + self.days)
            for kind, policies in kinds.items():
                again = self._test_again(world, policies, scorers, first) if own_logs else first
                folders[kind][world.name] = again
            left = (time.monotonic() - began) / number * (len(worlds) - number)
            about = f"; about {duration(left)} left" if left else ""
            say(self.screen, f"[{number}/{len(worlds)}] {world.name}: logs with arms in {first / LOGS}{about}")
        return {kind: Tests(policies, folders[kind], start) for kind, policies in kinds.items()}

    def _test_again(
        self, world: ExperimentWorld, policies: tuple[Policy, ...], before: Mapping[str, Scorer], first: Path
    ) -> Path:
        scorers, runs = trained_again(
            policies, world.config, first / LOGS, self.days, self.screen, self.log, self.command
        )
        models = {now.model: before[then.model] for now, then in zip(policies, self.policies, strict=True)}
        return self._test(world, policies, scorers, [first.name, *runs], Earlier(self.days, models))

    def _test(
        self,
        world: ExperimentWorld,
        policies: tuple[Policy, ...],
        scorers: Mapping[str, Scorer],
        runs: Sequence[str],
        earlier: Earlier | None = None,
    ) -> Path:
        """The folder of a test, which is run unless it is there."""
        result = results_of(self.folder, world.config, policies, self.days, " ".join(runs))
        simulation = world.config.simulation
        if result.exists() or simulation is None:
            say(self.screen, f"{world.name}: kept in {result}")
            return result
        with Progress(*_BARS, console=self.screen, transient=True, disable=not self.screen.is_interactive) as progress:
            task = progress.add_task(f"testing in {world.name}", total=None)
            tell = partial(_update, progress, task)
            run_test(world.config, simulation, policies, scorers, self.days, result, tell, earlier)
        return result


def _update(progress: Progress, task: TaskID, done: int, total: int) -> None:
    progress.update(task, completed=done, total=total)
