"""The commands `coldcast ab`: analyse an A/B test, say how long one must run, do without one, and simulate one."""

import typer

from experiments.ab.analyze.command import analyze
from experiments.ab.off_policy.command import off_policy
from experiments.ab.power.command import power
from experiments.ab.simulate.command import simulate

_HELP = "A/B tests on raw logs: what changed, how long a test must run, and what another policy would earn."


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    group = typer.Typer(help=_HELP, no_args_is_help=True)
    group.command("analyze")(analyze)
    group.command("power")(power)
    group.command("off-policy")(off_policy)
    group.command("simulate")(simulate)
    app.add_typer(group, name="ab", rich_help_panel="Experiments")
