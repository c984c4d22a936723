"""What several commands share: options, and the screen."""

import json
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
Logs = Annotated[str | None, typer.Option(help="Folder of the logs; the config's `logs` without it.")]
DEFAULT_CONFIG = "configs/default.yaml"


def with_options(overrides: list[str] | None, options: dict[str, str | int | None]) -> list[str]:
    """`overrides`, then the options that were given, as overrides of the config keys that they stand for."""
    given = {key: value for key, value in options.items() if value is not None}
    return [*(overrides or []), *(f"{key}={json.dumps(value)}" for key, value in given.items())]


def console() -> Console:
    """The screen; a pipe or a file has no width of its own and gets one that the tables fit."""
    screen = Console()
    return screen if screen.is_terminal else Console(width=120)
