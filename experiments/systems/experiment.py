"""An experiment as its command needs it: config, folder, worlds, runs, and names of the result files."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from experiments.systems.configs import ExperimentWorld, Model, worlds_of
from experiments.systems.options import whole_numbers
from experiments.systems.system import System
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.terminal.screen import console, say

if TYPE_CHECKING:
    from experiments.systems.judged import Judged


@dataclass(frozen=True)
class Experiment:
    """One experiment, from its command's options.

    Attributes:
        name: of the command; its files are named after it.
        config: of the option `--config`; each run changes some keys of it.
        folder: of the roots of the worlds and of the results, absolute.
        screen: where its lines go.
    """

    name: str
    config: Config
    folder: str
    screen: Console

    @property
    def log(self) -> Path:
        """The file with the messages of the libraries."""
        return Path(self.folder, "messages", f"{self.name}.log")

    def file(self, suffix: str) -> Path:
        """A file of results, such as `table1.csv`."""
        return Path(self.folder, f"{self.name}{suffix}")

    def worlds(self, seeds: str | None) -> tuple[ExperimentWorld, ...]:
        """The worlds of the option `--worlds`.

        Raises:
            SystemsError: the option has another form, or the logs are not simulated.
        """
        return worlds_of(self.config, self.folder, whole_numbers("--worlds", seeds))

    def run(self, systems: Sequence[System], worlds: Sequence[ExperimentWorld], seeds: int) -> "dict[Model, Judged]":
        """Runs every system with every seed in every world. Call it inside `quiet.into`."""
        from experiments.systems.running import run_models

        models = models_of(systems, worlds, seeds)
        counts = f"{len(systems)} systems x {seeds} seeds x {len(worlds)} worlds"
        say(self.screen, f"{counts}: {len(models)} models; the messages of the libraries are in {self.log}")
        return run_models(models, self.screen, self.log, typed())

    def say_written(self, *suffixes: str) -> None:
        """Names the files of results."""
        say(self.screen, f"wrote {' and '.join(str(self.file(suffix)) for suffix in suffixes)}")


def begin(name: str, config: str | Path, overrides: Sequence[str] | None, out: str | None) -> Experiment:
    """Reads the config, and makes the folder if it does not exist.

    Args:
        name: of the command.
        config: the option `--config`.
        overrides: the option `--set`.
        out: the option `--out`.

    Raises:
        ConfigError: the config is not valid.
    """
    loaded = load_config(config, list(overrides or ()))
    folder = Path(out) if out else Path(f"{loaded.home}-experiments")
    folder.mkdir(parents=True, exist_ok=True)
    return Experiment(name, loaded, str(folder.resolve()), console())


def models_of(systems: Sequence[System], worlds: Sequence[ExperimentWorld], seeds: int) -> list[Model]:
    """Every system with the seeds 1 to `seeds` in every world. Seeds come last: early results hold all systems."""
    return [Model(world, system, seed) for world in worlds for seed in range(1, seeds + 1) for system in systems]


def typed() -> str:
    """The command as it was typed, for the notes of the runs."""
    return f"coldcast {shlex.join(sys.argv[1:])}"
