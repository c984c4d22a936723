"""`coldcast compare`: models of several runs on the rows that they have in common."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, check_folder, in_home
from pipeline.errors import RunsError
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say

WORSE = 4
"""The exit code if a guard is worse beyond its interval."""


def register(app: typer.Typer) -> None:
    """Adds this module's command to `app`."""
    app.command("compare", rich_help_panel="Pipeline")(compare)


def compare(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN[/BRANCH]...",
            help="Two or more models. RUN is the first characters of a run's id, `published`, or `newest`. Without a "
            "branch, it is the one that is pushed.",
        ),
    ],
    label: Annotated[
        str | None, typer.Option(metavar="NAME", help="Show one label, such as stream. Default: all labels.")
    ] = None,
    guards: Annotated[
        list[str] | None,
        typer.Option(
            "--guard",
            metavar="LABEL:SLICE:MEASURE",
            help="End with exit code 4 if this is worse beyond its 95 % interval, "
            "such as stream:source=ad,less_streamed=1:ap. The slice and the measure may be left out. Repeatable. Those "
            "of the config's `compare.guards` count, too.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", callback=in_home, help="Also write every slice to a CSV file."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", callback=in_home, help="Also write a page with charts and all tables."),
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
) -> None:
    """Compare models on the test rows that they have in common. The first one is the reference for all others.

    `!` marks a change whose interval excludes 0. q is the p-value after a correction for all slices of a measure.
    """
    from pipeline.configuration.file import load_config

    if len(models) < 2:
        raise RunsError("compare needs two models or more; `coldcast runs list` shows the runs")
    loaded = load_config(config, overrides or [])
    check_folder("--csv", out)
    check_folder("--html", page)
    screen = console()
    worse = False
    with quiet.into(quiet.writable(loaded.messages / "runs.log")):
        from pipeline.comparison.guards import WORSE as IS_WORSE
        from pipeline.comparison.guards import guard_rows, parse_guard, verdict
        from pipeline.comparison.models import find_model
        from pipeline.comparison.rows import compared_with, write_compared
        from pipeline.terminal.comparison import show_compared, show_guards

        loaded.beam.apply()
        of_config, given = (list(map(parse_guard, texts)) for texts in (loaded.compare.guards, guards or ()))
        wanted = list(dict.fromkeys([*of_config, *given]))
        reference, *others = [find_model(loaded, model) for model in models]
        compared = list(compared_with(reference, others))
        guarded = [guard_rows(wanted, item.rows, refused=given) for item in compared]
        if label is not None and not any(row.label == label for item in compared for row in item.rows):
            raise RunsError(f"--label {label}: the models do not both predict it")
        for item, of_model in zip(compared, guarded, strict=True):
            show_compared(screen, item, label)
            show_guards(screen, of_model)
            worse |= any(verdict(row) == IS_WORSE for row in of_model.rows.values())
        if out:
            write_compared(out, compared)
            say(screen, f"wrote {out}")
        if page:
            from pipeline.comparison.page import write_page

            write_page(page, loaded.name, compared, guarded)
            say(screen, f"wrote {page}; open it in a browser")
    if worse:
        raise typer.Exit(WORSE)
