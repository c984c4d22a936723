"""Runs a pipeline on this machine, stage by stage, with the stages on the screen."""

import contextlib
import logging
import time
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.status import Status

from pipeline.runs import Told, tell
from pipeline.terminal import quiet
from pipeline.terminal.sentences import interrupted, sentence_of
from pipeline.terminal.tables import show_warnings


class RunError(RuntimeError):
    """A stage could not be run."""


class InputGuard(logging.Handler):
    """Stops a run at a stage that lacks an input, which TFX leaves out and goes on: a gate would be skipped unseen."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        """Reads one record; all but the one about lacking inputs are ignored.

        Raises:
            RunError: a stage lacks an input.
        """
        if record.msg == "[%s] Input resolution error: %s":
            node, reason = record.args if isinstance(record.args, tuple) else ("", "")
            raise RunError(
                f"{node} lacks an input: {reason}; what an earlier stage wrote, or the metadata store, was changed "
                "from outside: make all of it anew with another root (--set root=DIR)"
            )


class StageView(logging.Handler):
    """Turns what TFX's local runner logs about its stages, and what our components warn of, into lines on the screen.

    TFX 1.16 and 1.21 run stages one by one and say so in absl's log only; there is no callback.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._status: Status | None = None
        self._began = 0.0
        self._cached = False

    def emit(self, record: logging.LogRecord) -> None:
        """Reads one record; all but the runner's own and our warnings are ignored."""
        if record.msg == "Component %s is running.":
            self._start(str(record.args[0]) if isinstance(record.args, tuple) else "")
        elif record.msg == "A cached execution %d is used.":
            self._cached = True
        elif record.msg == "Component %s is finished.":
            self._finish(str(record.args[0]) if isinstance(record.args, tuple) else "")
        elif record.levelno >= logging.WARNING and quiet.written_by_us(record.pathname):
            show_warnings(self._console, [record.getMessage()])

    def stop(self) -> None:
        """Takes the running stage off the screen, for when it failed."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _start(self, node: str) -> None:
        self.stop()
        self._began, self._cached = time.monotonic(), False
        if not node.startswith("Trainer"):  # which shows its own progress bar
            self._status = self._console.status(node)
            self._status.start()

    def _finish(self, node: str) -> None:
        self.stop()
        took = "cached" if self._cached else f"{time.monotonic() - self._began:.1f} s"
        style = "dim" if self._cached else "green"
        self._console.print(f"  [{style}]✓[/] {node:<34} [{style}]{took:>8}[/]", highlight=False)


def run(pipeline: Any, console: Console, told: Told | None = None) -> str:
    """Runs `pipeline` with TFX's local runner, inside `quiet.into`, which lets absl log what this reads.

    Args:
        pipeline: a `tfx.dsl.Pipeline`.
        console: where the stages are shown.
        told: written into the metadata store beside the run, with the error that stopped it.

    Returns:
        The run's id; other runs may have begun in the same store since.

    Raises:
        RunError: a stage lacks an input.
        Whatever a stage raises.
    """
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.orchestration.metadata import Metadata

    class Runner(LocalDagRunner):  # type: ignore[misc]
        """TFX's, which tells no one the id that it gives to a run, but writes it into the compiled pipeline."""

        run_id = ""

        def run_with_ir(self, pipeline: Any, run_options: Any = None) -> None:
            try:
                super().run_with_ir(pipeline, run_options)
            finally:
                self.run_id = pipeline.runtime_spec.pipeline_run_id.field_value.string_value

    view = StageView(console)
    logger = logging.getLogger("absl")
    handlers = (view, InputGuard())
    for handler in handlers:
        logger.addHandler(handler)
    runner, told = Runner(), told or Told()

    def tell_store(told: Told, *, ended: bool) -> None:
        if runner.run_id:  # `tfx pipeline create` has replaced `run` by what only takes note of the pipeline
            with Metadata(pipeline.metadata_connection_config) as metadata:
                tell(metadata.store, runner.run_id, told, ended=ended)

    try:
        runner.run(pipeline)
    except BaseException as error:
        with contextlib.suppress(Exception):  # of the store: `error` is what counts
            tell_store(replace(told, error=_why(error)), ended=False)
        raise
    finally:
        view.stop()
        for handler in handlers:
            logger.removeHandler(handler)
    tell_store(told, ended=True)
    return runner.run_id


def _why(error: BaseException) -> str:
    """Why a run stopped, in one sentence."""
    if interrupted(error):
        return "it was interrupted"
    return sentence_of(error) or f"{type(error).__name__}, a bug: its traceback is in the log"
