"""`coldcast report`: the page of a run."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, in_home
from pipeline.command_line.runs import RunId
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say


def register(app: typer.Typer) -> None:
    """Adds this module's command to `app`."""
    app.command("report", rich_help_panel="Pipeline")(report)


def report(
    run_id: RunId = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Also compare with the models of this run, on the test rows that both have."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", callback=in_home, help="Folder to write to. Default: below `root`."),
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Write the report of a run: one HTML page that needs no network, and its tables as CSV files."""
    from pipeline.configuration.file import load_config
    from pipeline.runs import find_run

    loaded = load_config(config, overrides or [])
    run = find_run(loaded, run_id)
    other = find_run(loaded, against) if against is not None else None
    screen = console()
    with quiet.into(quiet.writable(loaded.messages / "runs.log")), screen.status("writing the report"):
        from pipeline.report.write import write_report

        loaded.beam.apply()
        page = write_report(loaded, run, other, out)
    say(screen, f"wrote {page} and CSV files beside it; open it in a browser")
