"""What `coldcast simulate` and `coldcast run` do, start to end."""

import json
import shlex
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from files.paths import pattern_problem
from pipeline.command_line.options import as_typed
from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.metadata.records import RunNotes
from pipeline.metadata.store import check_store
from pipeline.runs import find_run
from pipeline.terminal import quiet
from pipeline.terminal.screen import say
from pipeline.terminal.tables import show_times, show_warnings

Typed = tuple[str, list[str]]
"""How a config was named on the command line: its file, and the overrides."""


def simulate_logs(config: Config, console: Console) -> None:
    """Simulates the config's world into `config.logs`, with a bar of days.

    Raises:
        ConfigError: if the config has no simulation, so that its logs must come from elsewhere.
    """
    if config.simulation is None:
        raise ConfigError(
            "the config has no `simulation` section to make logs by; point `logs` at your own (docs/data.md), or see "
            "the head of the config for how to make them"
        )
    from simulation.simulate import simulate

    began = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeElapsedColumn(),
    )
    shown = console.is_interactive  # elsewhere there is no bar, but an empty line in its place
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        task = progress.add_task(f"simulating {config.logs}", total=None)
        simulate(
            config.simulation,
            config.logs,
            config.seed,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    say(console, f"simulated {config.logs} in {time.monotonic() - began:.0f} s")


def run_all(config: Config, console: Console, *, sample: bool, simulate: bool, typed: Typed) -> None:
    """Runs the pipeline on the config's logs, simulating them first if absent, and prints the summary.

    Args:
        config: the whole configuration.
        console: the screen; what libraries say goes to a file below `config.root`.
        sample: afterwards serve the pushed model, score a sample user over gRPC, and stop.
        simulate: simulate the config's world if there are no logs.
        typed: the file and the overrides that `config` was read from, for the next commands to try.

    Raises:
        Whatever a stage raises; what had finished is reused by the next run.
    """
    log = config.messages / f"run-{datetime.now(timezone.utc):%Y%m%dT%H%M%S}.log"
    began = time.monotonic()
    with quiet.into(log):
        from logs.listing import list_logs

        config.beam.apply()
        listing = list_logs(config.logs)
        if listing.empty:
            if config.simulation is None:
                raise ConfigError(
                    f"there are no logs in {config.logs}; point `logs` at yours (docs/data.md), or see the head "
                    "of the config for how to make them"
                )
            if not simulate:
                raise ConfigError(
                    f"there are no logs in {config.logs}; name their folder, or simulate some there: "
                    f"coldcast simulate {as_typed(*typed)}"
                )
            simulate_logs(config, console)
        show_warnings(console, listing.warnings)
        with console.status("loading TFX"):
            from pipeline.runners import local

            pipeline = checked_pipeline(config)
        say(console, f"{config.name}: {' and '.join(config.all_recipes)} on {config.logs}")
        try:
            notes = RunNotes(command=f"coldcast run {as_typed(*typed)}", log=str(log))
            run_id = local.run(pipeline, console, notes)
        except Exception:
            say(console, f"the run stopped; what the libraries said is in {log}")
            raise
        from pipeline.terminal.summary import is_published, show_summary

        found = find_run(config, run_id)
        show_summary(console, config, found)
        show_times(console, found)
        say(console, f"{found.state} in {time.monotonic() - began:.0f} s; log of the libraries: {log}")
        served = config.pusher.enabled and is_published(config)
        if sample and served:
            if not found.version:
                say(console, "This run's model is not published: the version that is served is asked.")
            _score_sample(config, console)
    show_next_steps(config, typed, console, served=served)


def checked_pipeline(config: Config) -> Any:
    """The pipeline of `config`, a `tfx.dsl.Pipeline`, after all that can be said of it before anything runs.

    Raises:
        ConfigError: the logs are of another world than the config's, or the folder that `root` is in cannot be used.
        RunsError: the metadata store is damaged.
        LogError: a table of the logs is missing, or a file lies in no day's folder or cannot be read.
    """
    from pipeline.pipeline import create_pipeline

    _check_world(config)
    if problem := pattern_problem(config.home):
        raise ConfigError(f"root: {config.home}: {problem}")
    check_store(config.metadata)
    return create_pipeline(config)


def _check_world(config: Config) -> None:
    """Refuses simulated logs of another seed or world than the config asks for."""
    world = Path(config.logs) / "world.json"
    if config.simulation is None or not world.is_file():
        return
    try:
        made = json.loads(world.read_text(encoding="utf-8"))
        same = (made["seed"], made["config"]) == (config.seed, config.simulation.model_dump(mode="json"))
    except (ValueError, KeyError, TypeError):  # none that this simulator writes
        same = False
    if not same:
        raise ConfigError(
            f"{config.logs} holds a world of another seed or `simulation` section than the config asks for; "
            "remove it, name another folder with --set logs=DIR, or take it as it is with --set simulation=null"
        )


def _score_sample(config: Config, console: Console) -> None:
    from pipeline.sample import sample_request, score_and_show
    from serving.client import Client
    from serving.server import Server

    # Within this machine, whatever the config says of its servers: a certificate names another host.
    here = {"host": "127.0.0.1", "port": 0, "tls_certificate": None, "tls_key": None, "tls_ca": None}
    with (
        Server(config.serving.model_copy(update=here), config.models) as server,
        Client(server.config, features=config.features.table()) as client,
    ):
        score_and_show(sample_request(config, client), client, console)


def show_next_steps(config: Config, typed: Typed, console: Console, *, served: bool) -> None:
    """Prints commands to try, each ready to be typed; `typed` names the config, `served`: a model is published."""
    path, overrides = typed
    commands = {
        f"coldcast runs show {as_typed(*typed)}": "this summary again, with every stage and every gate",
        f"tensorboard --logdir {shlex.quote(config.root)}/artifacts": "training curves",
    }
    if served:
        where = ("name", "root", "pusher", "serving", "beam")
        commands[f"coldcast serve {as_typed(*typed, where)}"] = "serve over gRPC; in another terminal:"
        asked = as_typed(*typed, (*where, "features"))
        commands[f"coldcast score {asked}"] = "score a sample user's candidates on that server"
    if config.pusher.enabled:
        trial = as_typed(path, [*overrides, "trainer.epochs=3", "pusher.enabled=false"])
        commands[f"coldcast run {trial}"] = "try a value: only what depends on it runs, nothing is published"
    say(console, "\nNext (in .venv/bin):")
    for command, what in commands.items():
        say(console, f"  {command}\n      {what}")
