"""The commands `coldcast ab`: analyse an A/B test, and say how long one must run."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from experiments.ab.simulate.command import simulate
from pipeline.command_line.logs import config_for_logs
from pipeline.command_line.options import LogsConfigFile, Overrides, check_folder, in_home
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say

if TYPE_CHECKING:
    import polars as pl

    from pipeline.configuration.config import Config

_HELP = "Analyse A/B tests on raw logs: what changed, and how long a test must run."

LogsFolder = Annotated[str, typer.Argument(metavar="LOGS", callback=in_home, help="Folder of the raw logs.")]
Ingested = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        callback=in_home,
        help="Folder that `coldcast ingest` wrote from these logs. Default: label the impressions again.",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="NAME",
        help="Source whose impressions count. You can give it several times. Default: the sources with spend.",
    ),
]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", callback=in_home, help="Also write the table as a CSV file.")
]
PictureFile = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", callback=in_home, help="Also draw it, as .png or .svg.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    group = typer.Typer(help=_HELP, no_args_is_help=True)
    group.command("analyze")(analyze)
    group.command("power")(power)
    group.command("simulate")(simulate)
    app.add_typer(group, name="ab", rich_help_panel="Experiments")


def analyze(
    logs: LogsFolder,
    control: Annotated[
        str | None, typer.Option(metavar="ARM", help="The arm to compare with. Default: `control`.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="ARM=SHARE,...", help="Planned shares of the users. Default: the same for all arms."),
    ] = None,
    guardrail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BOUND", help="A bound such as 'CTR@all>=-2%'. If one is broken, the exit code is 1. Repeatable."
        ),
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="First day. Default: the first with an arm."),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Last day. Default: the last with an arm."),
    ] = None,
    cuped: Annotated[bool, typer.Option(help="Adjust for what users did before the test.")] = True,
    expected: Annotated[
        float, typer.Option(min=0.001, help="Relative change that the test for early looks is best at finding.")
    ] = 0.1,
    source: Sources = None,
    ingested: Ingested = None,
    csv: CsvFile = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", callback=in_home, help="Also write all rows as JSON.")
    ] = None,
    picture: PictureFile = None,
    config: LogsConfigFile = None,
    overrides: Overrides = None,
) -> None:
    """Compare the arms of an A/B test. The raw table impressions needs the column `arm`.

    Users are the units. You get the relative change of i2s, CTR, eCPS, and streams, with its 95 % interval.
    """
    from experiments.ab.options import shares_of

    screen, loaded = console(), config_for_logs(config, logs, overrides)
    shares = shares_of(split)
    for option, path in (("--csv", csv), ("--json", json), ("--picture", picture)):
        check_folder(option, path)
    with quiet.into(quiet.writable(loaded.messages / "ab.log")):
        from experiments.ab.analysis import analyze as analyze_test
        from experiments.ab.arms import ab_test_of
        from experiments.ab.change_picture import draw_changes
        from experiments.ab.files import write_changes, write_json
        from experiments.ab.guardrails import guardrail as read_guardrail
        from experiments.ab.tables import show_analysis

        guardrails = [read_guardrail(text) for text in guardrail or ()]
        rows = _user_days(loaded, ingested, source, screen)
        test = ab_test_of(
            rows,
            timedelta(microseconds=loaded.domain.longest_window_us),
            control,
            start.date() if start else None,
            end.date() if end else None,
            loaded.ingestion.max_quarantined_fraction,
        )
        analysis = analyze_test(test, shares, guardrails, expected, cuped=cuped)
    show_analysis(screen, analysis)
    if csv:
        write_changes(csv, analysis.changes)
        say(screen, f"wrote {csv}")
    if json:
        write_json(json, analysis)
        say(screen, f"wrote {json}")
    if picture:
        draw_changes(picture, analysis.changes, analysis.control)
        say(screen, f"wrote {picture}")
    if analysis.broken:
        raise typer.Exit(1)


def power(
    logs: LogsFolder,
    lift: Annotated[float, typer.Option(help="Relative change to find: 0.05 for +5 %.")] = 0.05,
    power: Annotated[float, typer.Option(min=0.5, max=0.99, help="How likely the test is to find it.")] = 0.8,
    alpha: Annotated[
        float, typer.Option(min=0.0001, max=0.5, help="How likely the test is to find something by chance.")
    ] = 0.05,
    share: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Share of the users in the treatment; the others are control.")
    ] = 0.5,
    source: Sources = None,
    ingested: Ingested = None,
    csv: CsvFile = None,
    picture: PictureFile = None,
    config: LogsConfigFile = None,
    overrides: Overrides = None,
) -> None:
    """Say how many days a test must run until it finds a given change. The logs need no arms.

    Users are the units: the variance is that of users, over the last 1, 2, 3, ... days of the logs.
    """
    from experiments.ab.options import checked_lift

    checked_lift(lift)
    screen, loaded = console(), config_for_logs(config, logs, overrides)
    for option, path in (("--csv", csv), ("--picture", picture)):
        check_folder(option, path)
    with quiet.into(quiet.writable(loaded.messages / "ab.log")):
        from experiments.ab.files import write_power
        from experiments.ab.power import PowerSettings, power_rows
        from experiments.ab.power_picture import draw_power
        from experiments.ab.power_table import show_power

        settings = PowerSettings(lift, power, alpha, share)
        rows = power_rows(_user_days(loaded, ingested, source, screen), settings)
    show_power(screen, rows, settings)
    if csv:
        write_power(csv, rows)
        say(screen, f"wrote {csv}")
    if picture:
        draw_power(picture, rows, settings)
        say(screen, f"wrote {picture}")


def _user_days(config: "Config", ingested: str | None, sources: list[str] | None, screen: Console) -> "pl.DataFrame":
    """The sums by user and day; without an ingested folder, ingestion labels the impressions and no features."""
    from components.ingestion.run import ingest
    from experiments.ab.user_days import read_user_days

    config.beam.apply()
    with tempfile.TemporaryDirectory() as scratch, screen.status("labelling the impressions") as status:
        if ingested is None:
            ingested = f"{scratch}/ingested"
            ingest(
                config.logs,
                ingested,
                config.ingestion,
                config.tiers,
                config.domain,
                (),
                config.beam.args,
                progress=lambda step: status.update(f"labelling the impressions: {step}"),
            )
        return read_user_days(config.logs, ingested, sources)
