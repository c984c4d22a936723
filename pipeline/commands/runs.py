"""Commands about runs of the pipeline."""

from typing import Annotated

import typer

from pipeline import quiet
from pipeline.commands.options import DEFAULT_CONFIG, ConfigFile, Overrides, console


def register(app: typer.Typer) -> None:
    """Adds this module's commands to `app`."""
    app.command("run", rich_help_panel="Pipeline")(run)
    listing = typer.Typer(help="List runs and show one, from ML Metadata.", no_args_is_help=True)
    listing.command("list")(list_runs)
    listing.command("show")(show_run)
    app.add_typer(listing, name="runs", rich_help_panel="Pipeline")


def run(
    config: ConfigFile = DEFAULT_CONFIG,
    sample: Annotated[
        bool, typer.Option(help="Afterwards serve the pushed model and score a sample user over gRPC.")
    ] = True,
    overrides: Overrides = None,
) -> None:
    """Run the whole pipeline, from raw logs to a pushed model; a simulated world's logs are made if absent."""
    from pipeline.config import load_config
    from pipeline.execute import run_all

    run_all(load_config(config, overrides or []), console(), sample=sample, path=config)


def list_runs(config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None) -> None:
    """List all runs of a config, the newest last."""
    from pipeline.config import load_config
    from pipeline.runs import list_runs as load
    from pipeline.show import show_runs

    show_runs(console(), load(load_config(config, overrides or []).metadata))


def show_run(
    run_id: Annotated[str | None, typer.Argument(help="Beginning of the run's id; the newest run without it.")] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Show one run: its stages, where their results lie, its AP table and whether its model was blessed."""
    from pipeline.config import load_config
    from pipeline.runs import find_run
    from pipeline.show import show_stages

    loaded = load_config(config, overrides or [])
    found = find_run(loaded.metadata, run_id)
    screen = console()
    show_stages(screen, found)
    with quiet.into(loaded.messages / "runs.log"):
        from pipeline.summary import show_summary

        show_summary(screen, loaded, found, gates=True)
