"""What several commands share: options, and the screen."""

from typing import Annotated

import typer
from rich.console import Console

ConfigFile = Annotated[str, typer.Option("--config", "-c", help="YAML file with the configuration.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Overrides one value of the config; may be repeated. [dim]--set trainer.epochs=3[/]",
    ),
]
DEFAULT_CONFIG = "configs/default.yaml"


def console() -> Console:
    """The screen; a pipe or a file has no width of its own and gets one that the tables fit."""
    screen = Console()
    return screen if screen.is_terminal else Console(width=120)
