"""The commands `coldcast ab`: analyse an A/B test, say how long one must run, and simulate one."""

import typer

from experiments.ab.analyze.command import analyze
from experiments.ab.power.command import power
from experiments.ab.simulate.command import simulate

_HELP = "Analyse A/B tests on raw logs: what changed, and how long a test must run."


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    group = typer.Typer(help=_HELP, no_args_is_help=True)
    group.command("analyze")(analyze)
    group.command("power")(power)
    group.command("simulate")(simulate)
    app.add_typer(group, name="ab", rich_help_panel="Experiments")
