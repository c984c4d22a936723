"""The simulated world of a config: making its logs, and refusing logs of another world."""

import json
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.terminal.screen import say


def simulate_logs(config: Config, console: Console) -> None:
    """Simulates the config's world into `config.logs`, with a progress bar of days.

    Raises:
        ConfigError: the config has no simulation.
    """
    if config.simulation is None:
        raise ConfigError(
            "the config has no `simulation` section, so there is no world to simulate; set `logs` to the folder of "
            "your own logs (docs/data.md), or see the head of the config for how to make them"
        )
    from simulation.simulate import simulate

    began = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeElapsedColumn(),
    )
    hidden = not console.is_interactive  # there, a bar would be an empty line
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(f"simulating {config.logs}", total=None)
        simulate(config.simulation, config.logs, lambda done, total: progress.update(task, completed=done, total=total))
    say(console, f"simulated {config.logs} in {time.monotonic() - began:.0f} s")


def check_world(config: Config) -> None:
    """Refuses simulated logs of another world than the config's. The seed of training may differ.

    Raises:
        ConfigError: the logs are of another world.
    """
    world = Path(config.logs) / "world.json"
    if config.simulation is None or not world.is_file():
        return
    try:
        same = json.loads(world.read_text(encoding="utf-8"))["config"] == config.simulation.model_dump(mode="json")
    except (ValueError, KeyError, TypeError):  # not written by this simulator
        same = False
    if not same:
        raise ConfigError(
            f"{config.logs} holds a world with another `simulation` section than the config's (sizes or seed); remove "
            "it, name another folder with --set logs=DIR, or use it as it is with --set simulation=null"
        )
