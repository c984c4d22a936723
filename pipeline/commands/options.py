"""Options that several commands share."""

from typing import Annotated

import typer

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
