"""Commands about runs of the pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, check_folder, in_home
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say

NOT_BLESSED = 3
"""The exit code of `coldcast run --fail-unless-blessed`."""

RunId = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="The run's id, or its first characters. Default: the newest run.")
]


def register(app: typer.Typer) -> None:
    """Adds this module's commands to `app`."""
    app.command("run", rich_help_panel="Pipeline")(run)
    listing = typer.Typer(help="List runs, show one run and its slices, and remove old ones.", no_args_is_help=True)
    listing.command("list")(list_runs)
    listing.command("show")(show_run)
    listing.command("slices")(show_slices)
    listing.command("clean")(clean_runs)
    app.add_typer(listing, name="runs", rich_help_panel="Pipeline")


def run(
    config: ConfigFile = DEFAULT_CONFIG,
    sample: Annotated[
        bool, typer.Option(help="After the run, serve the published model and score for a sample listener over gRPC.")
    ] = True,
    fail_unless_blessed: Annotated[
        bool, typer.Option("--fail-unless-blessed", help="End with exit code 3 if the model is not blessed.")
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", callback=in_home, help="Write the outcome of the run as JSON, also if it stops."
        ),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Run the whole pipeline, from raw logs to a published model. If there are no logs, simulate the config's world."""
    from pipeline.configuration.file import load_config
    from pipeline.execute import run_all

    given = overrides or []
    named = any(override.startswith("logs=") for override in given)  # a mistyped path must not trigger a simulation
    check_folder("--json", json_file)
    if json_file:
        json_file.unlink(missing_ok=True)  # the outcome of an earlier run must not pass for this one's
    loaded = load_config(config, given)
    blessed = run_all(loaded, console(), sample=sample, simulate=not named, typed=(config, given), json_file=json_file)
    if fail_unless_blessed and not blessed:
        raise typer.Exit(NOT_BLESSED)


def list_runs(config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None) -> None:
    """List all runs of a config, the newest last."""
    from pipeline.configuration.file import load_config
    from pipeline.runs import list_runs as load
    from pipeline.terminal.run_tables import show_runs

    show_runs(console(), load(load_config(config, overrides or [])))


def show_run(run_id: RunId = None, config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None) -> None:
    """Show one run: its nodes, their results, the AP and calibration of its branches, and whether they were blessed."""
    from pipeline.configuration.file import load_config
    from pipeline.runs import find_run
    from pipeline.terminal.run_tables import show_nodes

    loaded = load_config(config, overrides or [])
    run = find_run(loaded, run_id)
    screen = console()
    show_nodes(screen, run)
    with quiet.into(quiet.writable(loaded.messages / "runs.log")):
        from pipeline.terminal.summary import show_summary

        loaded.beam.apply()
        show_summary(screen, loaded, run, conditions=True)


def show_slices(
    run_id: RunId = None,
    branch: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A branch of the run. Default: the branch whose model is published."),
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="NAME", help="One head, such as ad_stream. Default: all heads.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", callback=in_home, help="Also write a CSV file, for a spreadsheet."),
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Show the average precision (AP) of each head by source, by stream tier, by both, and for less-streamed shows.

    Beside it stands expected / observed: the sum of the predictions over that of the outcomes.

    `change` compares the AP with the run's first branch, `since last blessed` with the last blessed model: same rows.

    The last table has shows, campaigns, and creatives that training never saw, and shows in their first days.

    Stream tiers go from 0, the shows that users listen to the most hours, to 7.

    A show is less-streamed if it has fewer streams in 30 days than `tiers.less_streamed_below`.
    """
    from pipeline.configuration.file import load_config
    from pipeline.runs import find_run

    loaded = load_config(config, overrides or [])
    check_folder("--csv", out)
    screen = console()
    with quiet.into(quiet.writable(loaded.messages / "runs.log")):
        from pipeline.terminal.slices import new_rows, show_new, slice_rows, write_slices
        from pipeline.terminal.slices import show_slices as show

        loaded.beam.apply()
        chosen_run = find_run(loaded, run_id)
        rows = slice_rows(loaded, chosen_run, branch, head)
        show(screen, rows)
        show_new(screen, [] if head else new_rows(loaded, chosen_run, branch))
        if out:
            write_slices(out, rows)
            say(screen, f"wrote {out}")


def clean_runs(
    keep: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="How many of the newest runs to keep. Only whole runs count."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be removed.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Remove what only older runs need: artifacts, kept results of ingestion, and messages. Published versions stay."""
    from pipeline.configuration.file import load_config

    loaded = load_config(config, overrides or [])
    screen = console()
    with quiet.into(quiet.writable(loaded.messages / "runs.log")):
        from pipeline.cleaning import clean
        from pipeline.terminal.run_tables import show_removed

        show_removed(screen, clean(loaded, keep, dry_run=dry_run), dry_run=dry_run)
