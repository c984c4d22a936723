"""Runs a pipeline on this machine, node by node, and shows the nodes on the screen."""

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status

from files.packages import written_by_us
from pipeline.configuration.beam import LOCAL_RUNNER
from pipeline.locks import running
from pipeline.metadata.records import RunNotes
from pipeline.runners.memory import MemoryReturn
from pipeline.runs import write_notes
from pipeline.terminal.screen import show_warnings
from pipeline.terminal.sentences import interrupted, sentence_of
from transforms.errors import UserError


class RunError(UserError):
    """A node could not be run."""


class InputGuard(logging.Handler):
    """Stops a run at a node that lacks an input. TFX would skip the node and go on, even if it is a gate."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        """Reads one record, and ignores all but those about missing inputs.

        Raises:
            RunError: a node lacks an input.
        """
        if record.msg == "[%s] Input resolution error: %s":
            node, reason = record.args if isinstance(record.args, tuple) else ("", "")
            raise RunError(
                f"{node} lacks an input: {reason}; another program changed the output of an earlier node, or the "
                "metadata store; start again in another root (--set root=DIR)"
            )


class NodeView(logging.Handler):
    """Turns log records about nodes, and warnings of our components, into lines on the screen.

    TFX 1.16 and 1.21 run nodes one by one, and report each one in absl's log only; there is no callback.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._status: Status | None = None
        self._began = 0.0
        self._cached = False

    def emit(self, record: logging.LogRecord) -> None:
        """Reads one record, and ignores all but the runner's own and our warnings."""
        if record.msg == "Component %s is running.":
            self._start(str(record.args[0]) if isinstance(record.args, tuple) else "")
        elif record.msg == "A cached execution %d is used.":
            self._cached = True
        elif record.msg == "Component %s is finished.":
            self._finish(str(record.args[0]) if isinstance(record.args, tuple) else "")
        elif record.levelno >= logging.WARNING and written_by_us(record.pathname):
            show_warnings(self._console, [record.getMessage()])

    def stop(self) -> None:
        """Takes the running node off the screen, for example when it failed."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _start(self, node: str) -> None:
        self.stop()
        self._began, self._cached = time.monotonic(), False
        if not node.startswith(("Trainer", "Tuner")):  # they show their own progress
            self._status = self._console.status(node)
            self._status.start()

    def _finish(self, node: str) -> None:
        self.stop()
        took = "cached" if self._cached else f"{time.monotonic() - self._began:.1f} s"
        style = "dim" if self._cached else "green"
        self._console.print(f"  [{style}]✓[/] {node:<34} [{style}]{took:>8}[/]", highlight=False)


def run(pipeline: Any, console: Console, notes: RunNotes | None = None) -> str:
    """Runs `pipeline` with TFX's local runner. Call it inside `quiet.into`, which makes absl log the nodes.

    Args:
        pipeline: a `tfx.dsl.Pipeline`.
        console: the screen that shows the nodes.
        notes: written into the metadata store with the run, and with the error that stopped it.

    Returns:
        The run's id; other runs may have begun in the same store since.

    Raises:
        RunError: a node lacks an input.
        Exception: any error of a node.
    """
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.orchestration.metadata import Metadata

    class Runner(LocalDagRunner):  # type: ignore[misc]
        """TFX's runner, which keeps the id of the run: TFX only writes it into the compiled pipeline."""

        run_id = ""

        def run_with_ir(self, pipeline: Any, run_options: Any = None) -> None:
            try:
                super().run_with_ir(pipeline, run_options)
            finally:
                self.run_id = pipeline.runtime_spec.pipeline_run_id.field_value.string_value

    runner, notes = Runner(), notes or RunNotes()

    def write(notes: RunNotes, *, ended: bool) -> None:
        if runner.run_id:  # `tfx pipeline create` replaces `run` by a function that only registers the pipeline
            with Metadata(pipeline.metadata_connection_config) as metadata:
                write_notes(metadata.store, runner.run_id, notes, ended=ended)

    try:
        with running(Path(pipeline.pipeline_info.pipeline_root).parent), _shown(console), _without_packing(pipeline):
            runner.run(pipeline)
    except BaseException as error:
        with contextlib.suppress(Exception):  # an error of the store must not hide `error`
            write(replace(notes, error=_reason(error)), ended=False)
        raise
    write(notes, ended=True)
    return runner.run_id


@contextlib.contextmanager
def _without_packing(pipeline: Any) -> Iterator[None]:
    """Keeps TFX from packing its own source, if Beam's workers are on this machine, where TFX is installed.

    Before each Beam node, TFX copies itself into the temporary folder and makes a package for workers elsewhere. That
    takes about as long as a node of a small run. No argument of Beam switches it off alone.
    """
    from tfx.utils import dependency_utils

    package = dependency_utils.make_beam_dependency_flags
    if any(LOCAL_RUNNER in arg for arg in pipeline.beam_pipeline_args or ()):
        dependency_utils.make_beam_dependency_flags = list
    try:
        yield
    finally:
        dependency_utils.make_beam_dependency_flags = package


@contextlib.contextmanager
def _shown(console: Console) -> Iterator[None]:
    """Within the block: shows nodes that run, gives their memory back, and stops at one that lacks an input."""
    view = NodeView(console)
    logger = logging.getLogger("absl")
    handlers = (view, InputGuard(), MemoryReturn())
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        view.stop()
        for handler in handlers:
            logger.removeHandler(handler)


def _reason(error: BaseException) -> str:
    """Why a run stopped, in one sentence."""
    if interrupted(error):
        return "it was interrupted"
    return sentence_of(error) or f"{type(error).__name__}, a bug: its traceback is in the log"
