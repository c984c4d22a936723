"""The command `coldcast ab power`."""

from typing import Annotated

import typer

from experiments.ab.labelling import labelled_user_days
from experiments.ab.logs_options import CsvFile, Ingested, LogsFolder, PictureFile, Sources, check_picture
from experiments.ab.power.options import checked_lift
from pipeline.command_line.logs import config_for_logs
from pipeline.command_line.options import LogsConfigFile, Overrides, check_folder
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say


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
    checked_lift(lift)
    screen, loaded = console(), config_for_logs(config, logs, overrides)
    check_folder("--csv", csv)
    check_picture(picture)
    with quiet.into(quiet.writable(loaded.messages / "ab.log")):
        from experiments.ab.power.calculation import PowerSettings, power_rows
        from experiments.ab.power.files import write_power
        from experiments.ab.power.picture import draw_power
        from experiments.ab.power.table import show_power

        settings = PowerSettings(lift, power, alpha, share)
        rows = power_rows(labelled_user_days(loaded, ingested, source, screen), settings)
    show_power(screen, rows, settings)
    if csv:
        write_power(csv, rows)
        say(screen, f"wrote {csv}")
    if picture:
        draw_power(picture, rows, settings)
        say(screen, f"wrote {picture}")
