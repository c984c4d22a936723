"""The command `coldcast ab simulate`."""

import shlex
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from experiments.shared_options import Out, Worlds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say

_BARS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"), TimeElapsedColumn())


def simulate(
    config: ConfigFile = DEFAULT_CONFIG,
    policies: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="The arms, the control first: BRANCH, BRANCH@raw (not calibrated), BRANCH@epsilon=0.1 (explores).",
        ),
    ] = "promotions_only,joint",
    days: Annotated[int, typer.Option(min=1, max=60, help="Length of the test, after the last day of the logs.")] = 7,
    worlds: Worlds = None,
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Simulate an A/B test of two models, or more, in the world of the config, with users and budgets split.

    It writes ab.csv, ab.svg, off-policy.csv, and the logs of each world. Start again to go on after a stop.
    """
    from experiments.ab.errors import ExperimentError
    from experiments.ab.policies.policy import policies_of
    from experiments.systems.configs import worlds_of
    from experiments.systems.options import whole_numbers, words
    from pipeline.configuration.file import load_config

    screen, loaded = console(), load_config(config, overrides or [])
    arms = policies_of(words(policies))
    if loaded.simulation is None:
        raise ExperimentError(
            "coldcast ab simulate needs a config with a `simulation` section; your own logs have no truth"
        )
    folder = Path(out or f"{loaded.home}-experiments").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chosen = worlds_of(loaded, str(folder), whole_numbers("--worlds", worlds))
    command = f"coldcast {shlex.join(sys.argv[1:])}"
    with quiet.into(folder / "messages" / "ab-simulate.log") as log:
        from experiments.ab.analyze.analysis import analyze
        from experiments.ab.analyze.picture import draw_changes
        from experiments.ab.analyze.tables import show_analysis
        from experiments.ab.measures.arms import ab_test_of
        from experiments.ab.off_policy.table import show_judgement, show_notes, write_estimates
        from experiments.ab.simulate.expected import expected_changes
        from experiments.ab.simulate.folders import results_of
        from experiments.ab.simulate.models import check_policies, scorers_of
        from experiments.ab.simulate.off_policy import judgements_of
        from experiments.ab.simulate.running import LOGS, pooled, pooled_candidates, run_test
        from experiments.ab.simulate.table import show_beside_published, write_table_csv

        check_policies(arms, loaded)
        loaded.beam.apply()
        results = []
        for world in chosen:
            simulation = world.config.simulation or loaded.simulation
            own = [loaded] if simulation == loaded.simulation else []
            scorers, run_id = scorers_of(arms, [*own, world.config], screen, log, command)
            result = results_of(folder, world.config, arms, days, run_id)
            results.append(result)
            if result.exists():
                say(screen, f"{world.name}: kept in {result}")
                continue
            with Progress(*_BARS, console=screen, transient=True, disable=not screen.is_interactive) as progress:
                task = progress.add_task(f"testing in {world.name}", total=None)
                run_test(
                    world.config, simulation, arms, scorers, days, result,
                    partial(_update, progress, task),
                )  # fmt: skip
            say(screen, f"{world.name}: logs with arms in {result / LOGS}")
        rows, truth = pooled(results)
        window = timedelta(microseconds=loaded.domain.longest_window_us)
        analysis = analyze(ab_test_of(rows, window, arms[0].name))
        expected = expected_changes(truth, {row.arm: row.users for row in analysis.arms}, analysis.control)
        judgements = judgements_of(pooled_candidates(results), arms)
    show_analysis(screen, analysis)
    show_beside_published(screen, analysis, expected, arms)
    for judgement in judgements:
        show_judgement(screen, judgement)
    show_notes(screen, judgements)
    write_table_csv(folder / "ab.csv", analysis, expected, arms)
    draw_changes(folder / "ab.svg", analysis.changes, analysis.control)
    write_estimates(folder / "off-policy.csv", judgements)
    say(screen, f"wrote {folder}/ab.csv, {folder}/ab.svg, and {folder}/off-policy.csv")


def _update(progress: Progress, task: TaskID, done: int, total: int) -> None:
    progress.update(task, completed=done, total=total)
