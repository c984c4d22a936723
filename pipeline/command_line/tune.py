"""The command that searches values for branches."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, check_folder, in_home, with_options
from pipeline.terminal.screen import console


def register(app: typer.Typer) -> None:
    """Adds this module's command to `app`."""
    app.command("tune", rich_help_panel="Pipeline")(tune)


def tune(
    config: ConfigFile = DEFAULT_CONFIG,
    branch: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A branch to tune. You can give it several times. Default: all branches."),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Models to train for each branch. Default: `tuner.trials` of the config."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=in_home, help="Also write the best values to this YAML file."),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Search values of model, trainer, and encoder by validation AP. Run the same command again to go on after a kill.

    The section `tuner` of the config has the search space. The test split is never read.
    """
    from pipeline.configuration.file import load_config
    from pipeline.tuning.run import tune_branches

    given = with_options(overrides, {"tuner.trials": trials})
    loaded = load_config(config, given)
    check_folder("--out", out)
    named = any(override.startswith("logs=") for override in given)  # a mistyped path must not trigger a simulation
    tune_branches(loaded, console(), names=branch or (), simulate=not named, typed=(config, given), out=out)
