"""Commands about runs of the pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say


def register(app: typer.Typer) -> None:
    """Adds this module's commands to `app`."""
    app.command("run", rich_help_panel="Pipeline")(run)
    listing = typer.Typer(help="List runs, show one, and read its slices, from ML Metadata.", no_args_is_help=True)
    listing.command("list")(list_runs)
    listing.command("show")(show_run)
    listing.command("slices")(show_slices)
    app.add_typer(listing, name="runs", rich_help_panel="Pipeline")


def run(
    config: ConfigFile = DEFAULT_CONFIG,
    sample: Annotated[
        bool, typer.Option(help="Afterwards serve the pushed model and score a sample user over gRPC.")
    ] = True,
    overrides: Overrides = None,
) -> None:
    """Run the whole pipeline, from raw logs to a pushed model; the config's world is simulated if it has no logs."""
    from pipeline.configuration.file import load_config
    from pipeline.execute import run_all

    given = overrides or []
    named = any(override.startswith("logs=") for override in given)  # a path mistyped here is no wish for a new world
    run_all(load_config(config, given), console(), sample=sample, simulate=not named, typed=(config, given))


def list_runs(config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None) -> None:
    """List all runs of a config, the newest last."""
    from pipeline.configuration.file import load_config
    from pipeline.runs import list_runs as load
    from pipeline.terminal.tables import show_runs

    show_runs(console(), load(load_config(config, overrides or [])))


def show_run(
    run_id: Annotated[str | None, typer.Argument(help="Beginning of the run's id; the newest run without it.")] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Show one run: its stages, where their results lie, its AP table and whether its model was blessed."""
    from pipeline.configuration.file import load_config
    from pipeline.runs import find_run
    from pipeline.terminal.tables import show_stages

    loaded = load_config(config, overrides or [])
    found = find_run(loaded, run_id)
    screen = console()
    show_stages(screen, found)
    with quiet.into(quiet.writable(loaded.messages / "runs.log")):
        from pipeline.terminal.summary import show_summary

        loaded.beam.apply()
        show_summary(screen, loaded, found, gates=True)


def show_slices(
    run_id: Annotated[str | None, typer.Argument(help="Beginning of the run's id; the newest run without it.")] = None,
    recipe: Annotated[str | None, typer.Option(help="A recipe of the run; the one that is pushed without it.")] = None,
    head: Annotated[str | None, typer.Option(help="One head, such as ad_stream; all of them without it.")] = None,
    out: Annotated[Path | None, typer.Option("--csv", help="Write a CSV file too, for a spreadsheet.")] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Show AP on every slice of a run: by source, stream tier, source x tier, and less-streamed shows."""
    from pipeline.configuration.file import load_config
    from pipeline.errors import RunsError
    from pipeline.runs import find_run

    loaded = load_config(config, overrides or [])
    if out and not out.absolute().parent.is_dir():  # known before the figures are read
        raise RunsError(f"--csv {out}: there is no folder {out.absolute().parent}; make it, or name another")
    screen = console()
    with quiet.into(quiet.writable(loaded.messages / "runs.log")):
        from pipeline.terminal.slices import show_slices as show
        from pipeline.terminal.slices import slice_figures, write_slices

        figures = slice_figures(loaded, find_run(loaded, run_id), recipe, head)
        show(screen, figures)
        if out:
            write_slices(out, figures)
            say(screen, f"wrote {out}")
