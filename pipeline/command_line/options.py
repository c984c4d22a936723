"""Options that several commands share."""

import json
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from files.paths import expanded
from pipeline.configuration.shipped import shipped_configs
from pipeline.errors import RunsError

_Folder = TypeVar("_Folder", str, Path)

DEFAULT_CONFIG = "default"


def in_home(path: _Folder | None) -> _Folder | None:
    """`path` with a leading `~` replaced by the home folder: a shell leaves it alone in `--out=~/logs`."""
    return None if path is None else type(path)(expanded(str(path)))


_WHICH = f"YAML file with the configuration, or the name of a shipped one: {', '.join(shipped_configs())}"

ConfigFile = Annotated[str, typer.Option("--config", "-c", metavar="CONFIG", help=f"{_WHICH}.")]
LogsConfigFile = Annotated[
    str | None,
    typer.Option(
        "--config",
        "-c",
        metavar="CONFIG",
        help=f"{_WHICH}. Default: `default`, or the built-in values if --logs is given.",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value of the config. You can give it several times. [dim]--set trainer.epochs=3[/]",
    ),
]
Logs = Annotated[
    str | None,
    typer.Option(metavar="DIR", callback=in_home, help="Folder of the logs. Default: `logs` of the config."),
]


def check_folder(option: str, path: Path | None) -> None:
    """Checks that the file of an option could be written: better now than after the work.

    Raises:
        RunsError: its folder does not exist, or it is a folder itself.
    """
    if path and path.is_dir():
        raise RunsError(f"{option} {path}: this is a folder; name a file")
    if path and not path.absolute().parent.is_dir():
        raise RunsError(f"{option} {path}: there is no folder {path.absolute().parent}; make it, or name another")


def with_options(overrides: list[str] | None, options: dict[str, str | int | None]) -> list[str]:
    """`overrides`, then each option that the user gave, as an override of the config key that it stands for."""
    given = {key: value for key, value in options.items() if value is not None}
    return [*(overrides or []), *(f"{key}={json.dumps(value)}" for key, value in given.items())]
