"""The steps of `coldcast run` after the pipeline. None of them changes the result: an error is a warning."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from pipeline.terminal.run_tables import show_removed
from pipeline.terminal.screen import show_warnings
from pipeline.terminal.sentences import sentence_of

if TYPE_CHECKING:
    from pipeline.outcome.document import Document


def write_papers(config: Config, console: Console, run: Run) -> None:
    """Writes the run's report and its model's card. The run has succeeded, so an error is only a warning."""
    from pipeline.card.write import write_card
    from pipeline.report.write import write_report

    if run.branches:
        _write_paper("report", lambda: write_report(config, run), console, run)
    if run.branches and run.version and config.pushed_branch:
        _write_paper("model card", lambda: write_card(config, run), console, run)


def _write_paper(name: str, write: Callable[[], object], console: Console, run: Run) -> None:
    try:
        with console.status(f"writing the {name}"):
            write()
    except Exception as error:
        show_warnings(console, [f"the {name} was not written: {_reason(error, run.notes.log)}"])


def show_results(config: Config, console: Console, run: Run) -> None:
    """Prints the summary. The run has succeeded, so an error is only a warning."""
    from pipeline.terminal.summary import show_summary

    try:
        show_summary(console, config, run)
    except Exception as error:
        show_warnings(console, [f"the summary was not printed: {_reason(error, run.notes.log)}"])


def outcome_of(config: Config, console: Console, run: Run) -> "Document":
    """The outcome of a run that succeeded. If its figures cannot be read, they are missing, which is a warning."""
    from pipeline.outcome.document import succeeded

    try:
        return succeeded(config, run)
    except Exception as error:
        show_warnings(console, [f"the outcome for --json and hooks has no figures: {_reason(error, run.notes.log)}"])
        return succeeded(config, run, figures=False)


def pass_on(config: Config, console: Console, outcome: "Document", json_file: Path | None) -> None:
    """Writes the outcome to `json_file`, and calls the hooks. Neither changes the result, so an error is a warning."""
    from pipeline.outcome.document import write
    from pipeline.outcome.hooks import call_hooks

    warnings = []
    if json_file:
        try:
            write(outcome, json_file)
        except OSError as error:
            warnings.append(f"--json: {json_file} was not written: {error.strerror}")
    try:
        warnings += call_hooks(config.hooks, outcome)
    except Exception as error:
        warnings.append(f"hooks: {_reason(error)}")
    show_warnings(console, warnings)


def clean_up(config: Config, console: Console) -> None:
    """Removes all that only old runs need, if the config says so. The run has succeeded: an error is only a warning."""
    if config.runs.keep is None:
        return
    try:
        from pipeline.cleaning import clean

        show_removed(console, clean(config, config.runs.keep), dry_run=False)
    except Exception as error:
        show_warnings(console, [f"old runs were not removed: {_reason(error)}"])


def is_published(config: Config, console: Console) -> bool:
    """Whether there is a published model. The run has succeeded, so an error is only a warning, and the answer no."""
    from pipeline.terminal import summary

    try:
        return summary.is_published(config)
    except Exception as error:
        show_warnings(console, [f"cannot see whether a model is published in {config.models}: {_reason(error)}"])
        return False


def score_sample(config: Config, console: Console) -> None:
    """Scores a sample user with the published model. The run has succeeded, so an error is only a warning."""
    try:
        from pipeline.sample import sample_request, score_and_show
        from serving.client import Client
        from serving.server import Server

        # On this machine and without TLS, since the config's certificate may name another host.
        local = {"host": "127.0.0.1", "port": 0, "tls_certificate": None, "tls_key": None, "tls_ca": None}
        with (
            Server(config.serving.model_copy(update=local), config.models) as server,
            Client(server.config, features=config.feature_table) as client,
        ):
            score_and_show(config, sample_request(config, client), client, console)
    except Exception as error:
        show_warnings(console, [f"the sample was not scored: {_reason(error)}"])


def _reason(error: Exception, log: str = "") -> str:
    """An error in one sentence for the screen; its traceback goes into `log`, the log of the libraries."""
    traceback.print_exception(error)
    where = log or "the log of the libraries"
    return sentence_of(error) or f"{type(error).__name__}, a bug: its traceback is in {where}"
