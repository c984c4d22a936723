"""Training progress for a person: a bar on a terminal, one line an epoch elsewhere."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.calibration import Calibration
from models.training.epochs import Epoch
from models.training.expert_use import ExpertUse
from models.training.warm_start import Carried
from transforms.domain import STREAM

_REFRESH_SECONDS = 0.2


class TrainingProgress:
    """Shows each epoch, with examples per second; a context manager.

    Args:
        name: the branch, shown before each epoch.
        epochs: most epochs.
        console: where to; a bar is drawn only if it is a terminal.
    """

    def __init__(self, name: str, epochs: int, console: Console | None = None) -> None:
        self._name = name
        self._epochs = epochs
        self._console = console or Console()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,  # a refreshing thread would slow down every training step
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(self._title(1), total=None, rate="")
        self._waiting, self._drawn = 0, time.monotonic()

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, examples: int) -> None:
        """Gives the bar its length."""
        self._bar.update(self._task, total=examples)

    def step(self, examples: int) -> None:
        """Moves the bar, a few times a second at most."""
        self._waiting += examples
        now = time.monotonic()
        if now - self._drawn >= _REFRESH_SECONDS:
            rate = f"{self._waiting / (now - self._drawn):,.0f} examples/s"
            self._bar.update(self._task, advance=self._waiting, rate=rate)
            self._bar.refresh()
            self._waiting, self._drawn = 0, now

    def epoch(self, epoch: Epoch) -> None:
        """Prints the epoch's line and starts the next bar."""
        streams = [reading for reading in epoch.readings if reading.ap is not None and reading.label == STREAM]
        several = len({reading.source for reading in streams}) < len(streams)
        aps = ", ".join(f"{reading.head if several else reading.source} {reading.ap:.4f}" for reading in streams)
        self._print(
            f"{self._title(epoch.number)}: loss {sum(epoch.losses.values()):.4f}, stream AP {aps}, "
            f"{epoch.examples_per_second:,.0f} examples/s"
        )
        if epoch.number < self._epochs:
            self._bar.reset(self._task, description=self._title(epoch.number + 1))
        self._waiting, self._drawn = 0, time.monotonic()

    def started(self, carried: Carried) -> None:
        """Prints which weights come from another model."""
        self._print(f"{self._name}: {carried.sentence()}")

    def chosen(self, number: int, trained: int) -> None:
        """Prints which of the `trained` epochs gave the model."""
        self._print(f"{self._name}: the model is that of epoch {number}, the best of {trained}")

    def calibrated(self, calibrations: Mapping[str, Calibration]) -> None:
        """Prints which heads could not be calibrated, or only in part, and why."""
        for head, calibration in calibrations.items():
            if calibration.note:
                self._print(f"{self._name} calibration: {head} {calibration.note}")

    def experts(self, uses: Sequence[ExpertUse]) -> None:
        """Prints which experts the model never uses, and why."""
        problems = [f"{use.expert} {use.problem}" for use in uses if use.problem]
        if problems:
            self._print(f"{self._name} never uses {len(problems)} of its {len(uses)} experts: {'; '.join(problems)}")

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True)

    def _title(self, epoch: int) -> str:
        return f"{self._name} epoch {epoch}/{self._epochs}"
