"""`coldcast run`, start to end."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from files.paths import pattern_problem
from pipeline.afterwards import clean_up, is_published, outcome_of, pass_on, score_sample, show_results, write_papers
from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.metadata.records import Run, RunNotes
from pipeline.metadata.store import check_store
from pipeline.next_steps import Typed, show_next_steps
from pipeline.runs import find_run
from pipeline.terminal import quiet
from pipeline.terminal.commands import as_typed
from pipeline.terminal.run_tables import show_times
from pipeline.terminal.screen import say, show_warnings
from pipeline.terminal.sentences import interrupted, sentence_of
from pipeline.world import check_world, simulate_logs

if TYPE_CHECKING:
    from pipeline.configuration.branches import Branch
    from pipeline.finetune.start import Start
    from pipeline.outcome.document import Document


def run_all(
    config: Config,
    console: Console,
    *,
    sample: bool,
    simulate: bool,
    typed: Typed,
    start: "Start | None" = None,
    command: str | None = None,
    json_file: Path | None = None,
) -> bool:
    """Runs the pipeline on the config's logs, prints the summary, and calls the config's hooks.

    Args:
        config: the whole configuration.
        console: the screen; messages of libraries go to a file below `config.root`.
        sample: afterwards serve the pushed model, score a sample user over gRPC, and stop. Any error after the
            summary is only a warning.
        simulate: simulate the config's world if there are no logs.
        typed: the file and the overrides of `config`, for the commands to try next.
        start: the model to fine-tune; None to train as the config says.
        command: the command as typed, if it was not `coldcast run`. Then no commands to try are printed.
        json_file: where to write the outcome as JSON, also if the run stops; None for nowhere.

    Returns:
        Whether the model to push is blessed; without one, whether all models are.

    Raises:
        Exception: any error of a node; the next run reuses what had finished.
    """
    log = config.messages / f"run-{datetime.now(timezone.utc):%Y%m%dT%H%M%S}.log"
    began = time.monotonic()
    with quiet.into(log):
        notes = RunNotes(command=command or f"coldcast run {as_typed(*typed)}", log=str(log))
        started = datetime.now(timezone.utc)
        try:
            run = run_pipeline(config, console, notes, simulate=simulate, typed=typed, start=start)
        except Exception as error:
            if not interrupted(error):
                pass_on(config, console, _failed(config, error, log, started), json_file)
            raise
        from pipeline.outcome.document import is_blessed

        write_papers(config, console, run)
        show_results(config, console, run)
        show_times(console, run)
        say(console, f"{run.state} in {time.monotonic() - began:.0f} s; log of the libraries: {log}")
        if json_file or config.hooks:
            pass_on(config, console, outcome_of(config, console, run), json_file)
        clean_up(config, console)
        served = config.pusher.enabled and is_published(config, console)
        if sample and served:
            if not run.version:
                say(console, "This run's model is not published: the sample is scored by the published version.")
            score_sample(config, console)
    if command is None:
        show_next_steps(config, typed, console, served=served)
    return is_blessed(config, run)


def run_pipeline(
    config: Config,
    console: Console,
    notes: RunNotes,
    *,
    simulate: bool,
    typed: Typed,
    start: "Start | None" = None,
    tune: Sequence["Branch"] = (),
) -> Run:
    """Runs the pipeline once, and prints the lines of its nodes. Call it inside `quiet.into`.

    Args:
        config: the whole configuration.
        console: the screen.
        notes: of the run; its `log` is named if the run stops.
        simulate: simulate the config's world if there are no logs.
        typed: the file and the overrides of `config`.
        start: the model to fine-tune; None to train as the config says.
        tune: branches to search values for, instead of training and judging any.

    Raises:
        Exception: any error of a node; the next run reuses what had finished.
    """
    config.beam.apply()
    provide_logs(config, console, simulate=simulate, typed=typed)
    with console.status("loading TFX"):
        from pipeline.runners import local

        pipeline = checked_pipeline(config, start, tune)
    from pipeline.outcome.digest import digest

    notes = replace(notes, settings=digest(config), logs=config.logs)
    names = ", ".join(branch.name for branch in tune or config.branches_to_run)
    say(console, f"{config.name}: {'tune ' if tune else ''}{names} on {config.logs}")
    try:
        run_id = local.run(pipeline, console, notes)
    except Exception:
        say(console, f"the {'search' if tune else 'run'} stopped; the messages of the libraries are in {notes.log}")
        raise
    return find_run(config, run_id)


def checked_pipeline(
    config: Config, start: "Start | None" = None, tune: Sequence["Branch"] = (), *, report: bool = True
) -> Any:
    """The pipeline of `config`, a `tfx.dsl.Pipeline`, after every check that is possible before it runs.

    Arguments are those of `create_pipeline`.

    Raises:
        ConfigError: the logs are of another world than the config's, or the folder `root` cannot be used.
        RunsError: the metadata store is damaged.
        LogError: a table of the logs is missing, or a file is in no day's folder or cannot be read.
        StartError: a branch starts from a folder without a model.
    """
    from pipeline.pipeline import create_pipeline

    check_world(config)
    if problem := pattern_problem(config.home):
        raise ConfigError(f"root: {config.home}: {problem}")
    check_store(config.metadata)
    return create_pipeline(config, start, tune, report=report)


def provide_logs(config: Config, console: Console, *, simulate: bool, typed: Typed) -> None:
    """Simulates the config's logs if there are none, and shows warnings about those that are there.

    Raises:
        ConfigError: there are no logs, and the config has no simulation or `simulate` is False.
    """
    from components.ingestion.compute.coverage import listing_warnings
    from logs.listing import list_logs

    listing = list_logs(config.logs)
    if listing.empty:
        if config.simulation is None:
            raise ConfigError(
                f"there are no logs in {config.logs}; set `logs` to the folder of yours (docs/data.md), or see the "
                "head of the config for how to make them"
            )
        if not simulate:
            raise ConfigError(
                f"there are no logs in {config.logs}; name their folder, or simulate some there: "
                f"coldcast simulate {as_typed(*typed)}"
            )
        simulate_logs(config, console)
        listing = list_logs(config.logs)
    show_warnings(console, listing_warnings(listing))


def _failed(config: Config, error: Exception, log: Path, started: datetime) -> "Document":
    """The outcome of a run that stopped with `error`."""
    from pipeline.outcome.document import failed

    try:
        newest = find_run(config)
    except Exception:  # it stopped before its first node, or the store cannot be read: the first error counts
        newest = None
    ours = newest if newest and newest.started >= started.replace(microsecond=0) else None
    return failed(config, ours, sentence_of(error) or f"{type(error).__name__}: {error}", str(log))
