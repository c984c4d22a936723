"""Commands to try after a run."""

import shlex

from rich.console import Console

from pipeline.configuration.config import Config
from pipeline.terminal.commands import as_typed
from pipeline.terminal.screen import say

Typed = tuple[str, list[str]]
"""How the command line named a config: the file, and the overrides."""


def show_next_steps(config: Config, typed: Typed, console: Console, *, served: bool) -> None:
    """Prints commands to try, ready to be typed.

    Args:
        config: the config of the run.
        typed: the file and the overrides of `config`.
        console: the screen.
        served: whether a model is published.
    """
    path, overrides = typed
    commands = {
        f"coldcast runs show {as_typed(*typed)}": "this summary again, with every node and every gate",
        f"tensorboard --logdir {shlex.quote(config.root)}/artifacts": "training curves",
    }
    if served:
        sections = ("name", "root", "pusher", "serving", "beam")
        commands[f"coldcast serve {as_typed(*typed, sections)}"] = "serve over gRPC; in another terminal:"
        domain = any(override.startswith(("sources", "labels")) for override in overrides)  # all sections depend on it
        options = as_typed(*typed, None if domain else (*sections, "features"))
        commands[f"coldcast score {options}"] = "score a sample user's candidates on that server"
    if config.pusher.enabled:
        trial = as_typed(path, [*overrides, "trainer.epochs=3", "pusher.enabled=false"])
        commands[f"coldcast run {trial}"] = "try a value: only the nodes that depend on it run, nothing is published"
    say(console, "\nNext (in .venv/bin):")
    for command, purpose in commands.items():
        say(console, f"  {command}\n      {purpose}")
