"""Options that several commands of experiments have."""

from typing import Annotated

import typer

from pipeline.command_line.options import in_home

Seeds = Annotated[int, typer.Option("--seeds", min=1, help="Models of each system: training seeds 1 to N.")]
Worlds = Annotated[
    str | None,
    typer.Option(metavar="SEED,...", help="Seeds of the simulated worlds. Default: the world of the config."),
]
Out = Annotated[
    str | None,
    typer.Option(metavar="DIR", callback=in_home, help="Folder of runs and results. Default: `<root>-experiments`."),
]
