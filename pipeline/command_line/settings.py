"""The command about the configuration: every key, its value, and its meaning."""

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal.screen import console, say


def register(app: typer.Typer) -> None:
    """Adds this module's command to `app`."""
    app.command("config", rich_help_panel="Pipeline")(config)


def config(config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None) -> None:
    """Print the whole config as YAML that explains each key. Save it to a file to start your own."""
    from pipeline.configuration.described import as_yaml
    from pipeline.configuration.file import load_config

    loaded = load_config(config, overrides or [])
    say(console(), as_yaml(loaded, remarks=loaded.places_of_the_name).rstrip())
