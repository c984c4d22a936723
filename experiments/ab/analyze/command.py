"""The command `coldcast ab analyze`."""

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from experiments.ab.analyze.shares import shares_of
from experiments.ab.errors import ExperimentError
from experiments.ab.labelling import labelled_user_days
from experiments.ab.logs_options import CsvFile, Ingested, LogsFolder, PictureFile, Sources, check_picture
from pipeline.command_line.logs import config_for_logs
from pipeline.command_line.options import LogsConfigFile, Overrides, check_folder, in_home
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say


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
    screen, loaded = console(), config_for_logs(config, logs, overrides)
    shares = shares_of(split)
    check_folder("--csv", csv)
    check_folder("--json", json)
    check_picture(picture)
    if start and end and start > end:
        raise ExperimentError(f"--start {start.date()} is after --end {end.date()}; choose an earlier start")
    if not math.isfinite(expected):
        raise ExperimentError(f"--expected {expected}: give a relative change, such as 0.1 for 10 %")
    with quiet.into(quiet.writable(loaded.messages / "ab.log")):
        from experiments.ab.analyze.analysis import analyze as analyze_test
        from experiments.ab.analyze.files import write_changes, write_json
        from experiments.ab.analyze.guardrails import guardrail as read_guardrail
        from experiments.ab.analyze.picture import draw_changes
        from experiments.ab.analyze.tables import show_analysis
        from experiments.ab.measures.arms import ab_test_of

        guardrails = [read_guardrail(text) for text in guardrail or ()]
        rows = labelled_user_days(loaded, ingested, source, screen)
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
