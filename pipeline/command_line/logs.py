"""Commands about raw logs: make them, adapt them, check them, label them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipeline.command_line.options import (
    DEFAULT_CONFIG,
    ConfigFile,
    Logs,
    LogsConfigFile,
    Overrides,
    in_home,
    with_options,
)
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say, show_warnings

if TYPE_CHECKING:
    from pipeline.configuration.config import Config

_PANEL = "Logs"


def register(app: typer.Typer) -> None:
    """Adds this module's commands to `app`."""
    app.command("simulate", rich_help_panel=_PANEL)(simulate)
    app.command("world", rich_help_panel=_PANEL)(world)
    app.command("adapt-kuairand", rich_help_panel=_PANEL)(adapt_kuairand)
    app.command("check-logs", rich_help_panel=_PANEL)(check_logs)
    app.command("ingest", rich_help_panel=_PANEL)(ingest)


def simulate(
    config: ConfigFile = DEFAULT_CONFIG,
    preset: Annotated[
        str | None,
        typer.Option(help="Size: tiny, default, study, or large. Default: `simulation.preset` of the config."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", callback=in_home, help="Folder to write to. Default: `logs` of the config."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the simulated world. Default: `simulation.seed` of the config.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Make the raw logs of a simulated world. The same seed makes the same bytes."""
    from pipeline.configuration.file import load_config
    from pipeline.world import simulate_logs

    options = {"simulation.preset": preset, "logs": out, "simulation.seed": seed}
    simulate_logs(load_config(config, with_options(overrides, options)), console())


def world(
    logs: Logs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=in_home,
            help="Folder for the pictures. Default: the folder `world` in `root` of the config.",
        ),
    ] = None,
    config: LogsConfigFile = None,
    overrides: Overrides = None,
) -> None:
    """Draw simulated or real logs: popularity, tiers, base rates, hour of the day, and delay of outcomes."""
    from logs.pictures import draw_world

    loaded = config_for_logs(config, logs, overrides)
    place = out or Path(loaded.root) / "world"
    for picture in draw_world(loaded.logs, place, loaded.domain, loaded.tiers.boundaries_hours):
        say(console(), f"wrote {picture}")


def adapt_kuairand(
    source: Annotated[
        Path, typer.Option(metavar="DIR", callback=in_home, help="Folder with KuaiRand-Pure's official CSV files.")
    ],
    out: Annotated[
        str, typer.Option(metavar="DIR", callback=in_home, help="Folder to write the logs to.")
    ] = "work/kuairand/logs",
) -> None:
    """Turn KuaiRand-Pure's official files into logs that `coldcast run` reads."""
    from logs.adapters.kuairand import adapt_kuairand as adapt

    screen = console()
    with screen.status("reading KuaiRand-Pure"):
        adapt(source, out)
    say(screen, f"wrote {out}; next: coldcast run --config kuairand --set logs={out}")


def check_logs(logs: Logs = None, config: LogsConfigFile = None, overrides: Overrides = None) -> None:
    """Report every problem of the logs before a run."""
    from pipeline.terminal.log_tables import show_log_report

    loaded = config_for_logs(config, logs, overrides)
    screen = console()
    with (
        quiet.into(quiet.writable(loaded.messages / "check-logs.log")),
        screen.status(f"checking {escape(loaded.logs)}"),
    ):
        from pipeline.check_logs import check_logs as check

        loaded.beam.apply()
        report = check(
            loaded.logs,
            loaded.feature_table,
            domain=loaded.domain,
            ingestion=loaded.ingestion,
            split=loaded.split,
            sources=loaded.used_sources,
        )
    show_log_report(screen, report)
    if report.problems:
        raise typer.Exit(1)


def ingest(
    out: Annotated[
        str,
        typer.Option(
            metavar="DIR", callback=in_home, help="Folder to write labelled/, quarantine/, and accounting.json to."
        ),
    ],
    logs: Logs = None,
    config: LogsConfigFile = None,
    overrides: Overrides = None,
) -> None:
    """Label impressions and compute their features, so that you can look at them. This does not train a model."""
    from pipeline.terminal.log_tables import show_accounting

    loaded = config_for_logs(config, logs, overrides)
    screen = console()
    title = f"ingesting {escape(loaded.logs)}"
    with quiet.into(quiet.writable(loaded.messages / "ingest.log")), screen.status(title) as status:
        from components.ingestion.compute.coverage import listing_warnings
        from components.ingestion.run import ingest as run_ingestion
        from logs.listing import list_logs

        loaded.beam.apply()
        show_warnings(screen, listing_warnings(list_logs(loaded.logs)))
        accounting = run_ingestion(
            loaded.logs,
            out,
            loaded.ingestion,
            loaded.tiers,
            loaded.domain,
            loaded.feature_table,
            loaded.beam.args,
            progress=lambda step: status.update(f"{title}: {step}"),
        )
    show_accounting(screen, accounting)
    say(screen, f"wrote {out}")


def config_for_logs(config: str | None, logs: str | None, overrides: list[str] | None) -> "Config":
    """The config of a command about logs. The default config is of the default world, so other logs do not take it."""
    from pipeline.configuration.file import load_config

    name = config if config or logs else DEFAULT_CONFIG
    return load_config(name, with_options(overrides, {"logs": logs}))
