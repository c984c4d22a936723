"""Trains the model of a recipe on prepared rows: usable without TFX."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from models.config import TrainerConfig
from models.errors import TrainingError
from models.metrics.readings import Reading, readings, stream_ap
from models.network import build_model
from models.spec import TrainingSpec
from models.training.base_rates import start_at_base_rates
from models.training.feed import batches_in_epoch, row_batches
from models.training.prepared_rows import Rows
from models.training.scoring import make_scorer
from models.training.step import Losses, make_steps
from transforms.packed import PackedLayout

_STEPS_PER_CALL = 8


@dataclass(frozen=True)
class Epoch:
    """One pass and what validation said after it.

    Attributes:
        number: from 1.
        losses: mean training loss by head, in nats, unweighted.
        readings: validation AP by head and source.
        stream_ap: the mean that training is stopped by.
        examples: examples trained on.
        seconds: wall time of the training steps; the first epoch's includes compiling.
    """

    number: int
    losses: dict[str, float]
    readings: tuple[Reading, ...]
    stream_ap: float
    examples: int
    seconds: float

    @property
    def examples_per_second(self) -> float:
        """Training throughput."""
        return self.examples / self.seconds


@dataclass(frozen=True)
class Trained:
    """A trained model with its history; its weights are those of the epoch `chosen`."""

    model: keras.Model
    epochs: tuple[Epoch, ...]
    chosen: int


class Observer(Protocol):
    """Is told how training goes on."""

    def step(self, examples: int) -> None:
        """So many examples more were trained on, a few batches at a time."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch ended and was validated."""


def train(
    spec: TrainingSpec, layout: PackedLayout, rows: Rows, validation: Rows, observers: Sequence[Observer] = ()
) -> Trained:
    """Trains until the mean validation AP of the stream tasks stops rising; the best epoch's weights are restored.

    Deterministic on CPU: the same spec and rows give the same weights, bit for bit.

    Args:
        spec: the recipe, the sizes, the optimisation and the seed.
        layout: of the rows' ids and floats.
        rows: training rows; those of sources that the recipe is not trained on are not used.
        validation: rows of the natural mix.
        observers: told of every few batches and every epoch.

    Raises:
        TrainingError: a source of the recipe has no training rows, no validation row of them has a stream, or the
            training diverged.
    """
    recipe, config = spec.recipe, spec.trainer
    keras.utils.set_random_seed(spec.seed)
    batches = row_batches(rows, recipe, config.batch_size, spec.seed)
    steps = batches_in_epoch(sum(len(rows.of(source)) for source in recipe.sources), config.batch_size)
    model = build_model(layout, recipe, spec.model)
    start_at_base_rates(model, recipe, rows)
    update = make_steps(model, make_optimizer(config, steps * config.epochs), recipe, config)
    score = make_scorer(model)
    epochs: list[Epoch] = []
    best, best_weights = 0, model.get_weights()
    while len(epochs) < config.epochs and len(epochs) - best < config.patience:
        started = time.perf_counter()
        losses = train_epoch(update, rows, batches, steps, observers)
        seconds = time.perf_counter() - started
        scores = score(validation)
        if not all(np.isfinite(values).all() for values in (losses, *scores.values())):
            raise TrainingError(
                f"training diverged in epoch {len(epochs) + 1}: losses or scores are no finite numbers any more; lower "
                f"trainer.learning_rate (now {config.learning_rate:g}) or trainer.loss_weights"
            )
        found = readings(recipe, scores, validation.labels, validation.source)
        judged = stream_ap(recipe, found)
        if judged is None:
            raise TrainingError(
                f"no validation row of source {' or '.join(map(repr, recipe.sources))} has a stream, so no epoch can "
                "be judged: take more days into the validation split"
            )
        by_head = dict(zip(recipe.heads, map(float, losses), strict=True))
        epochs.append(Epoch(len(epochs) + 1, by_head, found, judged, steps * config.batch_size, seconds))
        if best == 0 or judged > epochs[best - 1].stream_ap:
            best, best_weights = len(epochs), model.get_weights()
        for observer in observers:
            observer.epoch(epochs[-1])
    model.set_weights(best_weights)
    return Trained(model, tuple(epochs), best)


def make_optimizer(config: TrainerConfig, steps: int) -> keras.optimizers.Optimizer:
    """Adam whose learning rate rises linearly from 0, then falls along a cosine; `steps` is all of them."""
    warmup = int(config.warmup * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else config.learning_rate,
        decay_steps=steps - warmup,
        alpha=config.final_learning_rate,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    return keras.optimizers.Adam(schedule)


def train_epoch(
    update: Losses, rows: Rows, batches: Iterator[np.ndarray], steps: int, observers: Sequence[Observer]
) -> np.ndarray:
    """Trains on the next `steps` batches with a function of `make_steps`; the mean loss by head."""
    total: tf.Tensor | float = 0.0
    for start in range(0, steps, _STEPS_PER_CALL):
        chosen = np.stack([*islice(batches, min(_STEPS_PER_CALL, steps - start))])
        total += update(*(tf.constant(array[chosen]) for array in (rows.ids, rows.floats, rows.labels, rows.source)))
        for observer in observers:
            observer.step(chosen.size)
    return np.asarray(total) / steps
