"""Training examples per CPU second of our own training loop, on the same rows."""

import time
from dataclasses import dataclass, field

from models.encoders.config import MmoeConfig, PleConfig
from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from models.training.epochs import Epoch
from models.training.loop import train
from transforms.packed import PackedLayout

_ENCODERS = {"mmoe": MmoeConfig, "ple": PleConfig}


@dataclass
class Pace:
    """An observer of training that counts the CPU time between its steps, from the second epoch on.

    Validation and compiling are not between two steps of one such epoch.

    Attributes:
        examples: examples trained on between the steps.
        seconds: CPU seconds of all threads.
    """

    examples: int = 0
    seconds: float = 0.0
    _passed: int = 0
    _last: float | None = field(default=None)

    def begin(self, examples: int) -> None:
        """Does nothing."""

    def step(self, examples: int) -> None:
        """Counts the examples since the last step of the same epoch."""
        now = time.process_time()
        if self._last is not None and self._passed:
            self.examples += examples
            self.seconds += now - self._last
        self._last = now

    def epoch(self, epoch: Epoch) -> None:  # noqa: ARG002
        """Begins anew: what follows is validation."""
        self._passed += 1
        self._last = None


def with_encoder(spec: TrainingSpec, kind: str) -> TrainingSpec:
    """A branch's training with our encoder of another kind, at its default sizes, and the branch's dropout."""
    encoder = _ENCODERS[kind](dropout=spec.recipe.encoder.dropout)
    return spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"encoder": encoder})})


def examples_per_cpu_second(
    spec: TrainingSpec, layout: PackedLayout, rows: PreparedRows, validation: PreparedRows, epochs: int = 3
) -> float | None:
    """Examples per CPU second of our training loop; None if an epoch has too few steps to tell.

    Args:
        spec: what to train.
        layout: of the rows.
        rows: training rows.
        validation: validation rows.
        epochs: epochs to train, at least 2.
    """
    trainer = spec.trainer.model_copy(update={"epochs": epochs, "patience": epochs, "calibrate": False})
    pace = Pace()
    train(spec.model_copy(update={"trainer": trainer}), layout, rows, validation, (pace,))
    return pace.examples / pace.seconds if pace.examples else None
