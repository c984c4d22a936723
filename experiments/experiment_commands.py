"""The group of commands `coldcast experiment`. To add an experiment, write its command and add it here."""

import typer

from experiments.ablation.command import ablation
from experiments.finetune.command import finetune
from experiments.table1.command import table1
from experiments.transfer.command import transfer

_HELP = "Compare systems on the same logs: each model is a run of the pipeline. Start again to go on after a stop."


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    group = typer.Typer(help=_HELP, no_args_is_help=True)
    for command in (table1, ablation, transfer, finetune):
        group.command(command.__name__)(command)
    app.add_typer(group, name="experiment", rich_help_panel="Experiments")
