"""Options that several commands share, and what they stand for."""

import json
import shlex
from collections.abc import Sequence
from typing import Annotated

import typer

ConfigFile = Annotated[str, typer.Option("--config", "-c", help="YAML file with the configuration.")]
LogsConfigFile = Annotated[
    str | None,
    typer.Option(
        "--config",
        "-c",
        help="YAML file with the configuration; without it configs/default.yaml, or where --logs is given the defaults "
        "of docs/data.md.",
    ),
]
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


def as_typed(config: str, overrides: Sequence[str], sections: Sequence[str] | None = None) -> str:
    """The options that name a config, for a shell: what another command needs to mean the same.

    Args:
        config: path of the file.
        overrides: as typed; of those of one key the last alone counts.
        sections: the first parts of the keys that the command reads; all without them.
    """
    last: dict[str, str] = {}
    for override in overrides:
        key = override.partition("=")[0]
        last.pop(key, None)  # so that it stands where it counts, after those of the sections above it
        if sections is None or key.split(".")[0] in sections:
            last[key] = override
    return shlex.join(["-c", config, *(part for override in last.values() for part in ("--set", override))])
