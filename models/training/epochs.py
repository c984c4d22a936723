"""The results of training: its epochs, the trained model, and the interface of observers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import keras

from models.calibration import Calibration
from models.metrics.readings import Reading
from models.training.balancing.balancer import Balancer
from models.training.expert_use import ExpertUse
from models.training.warm_start import Carried


@dataclass(frozen=True)
class Balance:
    """Learned weights and conflicts of the balancer in one epoch.

    Attributes:
        weights: the weight of each task at the end of the epoch, by head; null if the balancer learns none.
        conflicts: share of the pairs of tasks whose gradients conflicted; null if the balancer does not compare them.
    """

    weights: Mapping[str, float] | None = None
    conflicts: float | None = None

    @classmethod
    def of(cls, balancer: Balancer, heads: Sequence[str]) -> "Balance":
        """Weights now, and conflicts since the last call."""
        weights = balancer.weights()
        by_head = None if weights is None else dict(zip(heads, map(float, weights), strict=True))
        return cls(by_head, balancer.conflicts())


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows and the validation after it.

    Attributes:
        number: from 1.
        losses: mean training loss by head, in nats, unweighted.
        readings: validation AP and loss by head and source.
        stream_ap: the mean AP that decides when training stops.
        examples: examples trained on.
        seconds: wall time of the training steps; the first epoch's includes compiling.
        balance: of the losses.
    """

    number: int
    losses: dict[str, float]
    readings: tuple[Reading, ...]
    stream_ap: float
    examples: int
    seconds: float
    balance: Balance = Balance()

    @property
    def examples_per_second(self) -> float:
        """Training throughput."""
        return self.examples / self.seconds


@dataclass(frozen=True)
class Trained:
    """A trained model with its history.

    Attributes:
        model: the model, with the weights of the chosen epoch.
        epochs: every epoch.
        chosen: number of the best epoch.
        calibrations: by head; they turn its logits into probabilities.
        carried: what it took over from the model that it started from, if any.
        experts: how much it uses each of its experts, if it has some.
    """

    model: keras.Model
    epochs: tuple[Epoch, ...]
    chosen: int
    calibrations: Mapping[str, Calibration]
    carried: Carried | None = None
    experts: tuple[ExpertUse, ...] = ()


class Observer(Protocol):
    """Follows training."""

    def begin(self, examples: int) -> None:
        """Called before training with the number of examples of an epoch."""

    def step(self, examples: int) -> None:
        """Called every few batches with the number of examples since the last call."""

    def epoch(self, epoch: Epoch) -> None:
        """Called after each epoch and its validation."""
