"""The command `coldcast ab simulate`."""

import shlex
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from experiments.shared_options import Out, Worlds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet
from pipeline.terminal.screen import console

_PUBLISHED = "promotions_only,joint"
_INGREDIENTS = "promotions_only,promotions_only@calibrated,joint@raw,joint"
"""The published arms, the baseline with probabilities that fit ads, and the joint model without its calibration."""


def simulate(
    config: ConfigFile = DEFAULT_CONFIG,
    policies: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="The arms, the control first: BRANCH, BRANCH@raw (not calibrated), BRANCH@calibrated (on ads), "
            f"BRANCH@epsilon=0.1 (explores). Default: {_PUBLISHED}.",
        ),
    ] = None,
    ingredients: Annotated[
        bool, typer.Option("--ingredients", help=f"Short for --policies {_INGREDIENTS}: what each part is worth.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=60, help="Length of the test, after the last day of the logs.")] = 7,
    own_logs: Annotated[
        bool,
        typer.Option(
            "--own-logs",
            help="Let a test go before, train again on its logs, of all arms and of each arm alone, and compare both.",
        ),
    ] = False,
    worlds: Worlds = None,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, help="Short for --worlds: so many worlds, with the seed of the config and those after it."),
    ] = None,
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
    if ingredients and policies is not None:
        raise ExperimentError("--ingredients stands for --policies; give one or the other")
    if seeds and worlds is not None:
        raise ExperimentError("--seeds stands for --worlds; give one or the other")
    if own_logs and days < 3:
        raise ExperimentError("--own-logs needs --days 3 or more: a day to train, one to validate, and one to judge")
    default = _INGREDIENTS if ingredients else _PUBLISHED
    arms = policies_of(words("--policies", default if policies is None else policies, _PUBLISHED))
    if loaded.simulation is None:
        raise ExperimentError(
            "coldcast ab simulate needs a config with a `simulation` section; your own logs have no truth"
        )
    folder = Path(out or f"{loaded.home}-experiments").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    own_seed = loaded.simulation.seed
    numbers = range(own_seed, own_seed + seeds) if seeds else whole_numbers("--worlds", worlds)
    chosen = worlds_of(loaded, str(folder), numbers)
    command = f"coldcast {shlex.join(sys.argv[1:])}"
    with quiet.into(folder / "messages" / "ab-simulate.log") as log:
        from experiments.ab.simulate.models import check_policies
        from experiments.ab.simulate.outputs import show_kinds
        from experiments.ab.simulate.worlds import AbRunner

        check_policies(arms, loaded)
        loaded.beam.apply()
        screen.file = screen.file  # this very file, also while standard output goes to the log
        tests = AbRunner(loaded, arms, days, folder, screen, log, command).run(chosen, own_logs=own_logs)
        show_kinds(screen, tests, timedelta(microseconds=loaded.domain.longest_window_us), folder)
