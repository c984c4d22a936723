"""Trains the model of a recipe on prepared rows, without TFX: this file wires the pieces beside it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice

import keras
import numpy as np
import tensorflow as tf

from models.calibration import IDENTITY, calibrate
from models.errors import TrainingError
from models.metrics.readings import readings, stream_ap
from models.network import build_model, embedding_table
from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from models.training.averaging import WeightAverage
from models.training.balancing.make import make_balancer
from models.training.base_rates import start_at_base_rates
from models.training.epochs import Balance, Epoch, Observer, Trained
from models.training.expert_use import expert_use
from models.training.feed import batches_in_epoch, row_batches
from models.training.frozen import freeze_encoder
from models.training.losses import MaskedLosses
from models.training.new_ids import NewIds
from models.training.optimizer import make_optimizer, make_row_optimizer
from models.training.replicas import strategy_for
from models.training.sample import sampled
from models.training.scoring import make_scorer
from models.training.step import Update, make_steps
from models.training.stopping import Stopping
from models.training.warm_start import Carried
from transforms.packed import PackedLayout

_STEPS_PER_CALL = 8


def train(
    spec: TrainingSpec,
    layout: PackedLayout,
    rows: PreparedRows,
    validation: PreparedRows,
    observers: Sequence[Observer] = (),
    start: Callable[[keras.Model], Carried] | None = None,
) -> Trained:
    """Trains until the mean validation AP of the stream tasks stops rising; the best epoch's weights are restored.

    Its heads are calibrated on the validation rows. Their logits are those of the epoch's own validation.

    Deterministic on a CPU: the same spec and rows give the same weights, bit for bit.

    Args:
        spec: the recipe, the sizes, the optimisation, and the seed.
        layout: of the rows' ids and floats.
        rows: training rows; those of sources that the recipe is not trained on are not used.
        validation: rows of the natural mix.
        observers: called before training, every few batches, and after every epoch.
        start: gives the new model weights of another one (`models/training/warm_start.py`); None for random weights.

    Raises:
        TrainingError: a source of the recipe has no training rows, no validation row of them has a stream, the training
            diverged, or the machine has too few devices.
    """
    recipe, config = spec.recipe, spec.trainer
    keras.utils.set_random_seed(spec.seed)
    rows = sampled(rows, config.rows, spec.seed)
    batches = row_batches(rows, recipe, config.batch_size, spec.seed)
    steps = batches_in_epoch(sum(len(rows.of(source)) for source in recipe.trained_on), config.batch_size)
    for observer in observers:
        observer.begin(steps * config.batch_size)
    strategy = strategy_for(config.replicas)
    with strategy.scope():
        model = build_model(layout, recipe, spec.model)
        start_at_base_rates(model, recipe, rows)
        table = embedding_table(model)
        random = np.zeros(0) if table is None else table.numpy()
        carried = start(model) if start else None
        freeze_encoder(model, config, recipe.heads, carried)
        optimizer = make_optimizer(config, steps * config.epochs)
        balancer = make_balancer(recipe.heads, config, model, spec.seed)
    row_optimizer = make_row_optimizer(config, steps * config.epochs, model)
    new_ids = None
    if row_optimizer is not None and table is not None and spec.model.id_dropout:
        new_ids = NewIds(layout, spec.model, table, row_optimizer, random)
    average = WeightAverage(model, table, config.average_decay) if config.average_decay else None
    losses = MaskedLosses(recipe, rows.label_names, rows.source_names, config.mean_over)
    update = make_steps(model, optimizer, row_optimizer, losses, balancer, strategy, average)
    score = make_scorer(model)
    stopping = Stopping(config.epochs, config.patience, balancer.state)
    epochs: list[Epoch] = []
    best: dict[str, np.ndarray] = {}
    while not stopping.done:
        if row_optimizer and len(epochs) == config.embedding_epochs:
            row_optimizer.learns.assign(False)
        started = time.perf_counter()
        mean_losses = train_epoch(update, rows, batches, steps, observers)
        seconds = time.perf_counter() - started
        with average.applied(strategy) if average else nullcontext():
            if new_ids:
                new_ids.follow(strategy)
            logits = score(validation)
            _check_finite(spec, len(epochs) + 1, mean_losses, *logits.values())
            validated = readings(recipe, logits, validation)
            ap = stream_ap(recipe, validated, config.loss_weights, config.decided_by)
            if ap is None:
                positive = "a stream" if config.decided_by is None else f"a {recipe.task(config.decided_by).label}"
                raise TrainingError(
                    f"no validation row of source {' or '.join(map(repr, recipe.trained_on))} has {positive}, so no "
                    "epoch can be judged: take more days into the validation split"
                )
            if stopping.judge(ap, model):
                best = logits
        by_head = dict(zip(recipe.heads, map(float, mean_losses), strict=True))
        balance = Balance.of(balancer, recipe.heads)
        epochs.append(Epoch(len(epochs) + 1, by_head, validated, ap, steps * config.batch_size, seconds, balance))
        for observer in observers:
            observer.epoch(epochs[-1])
    if config.replicas > 1:  # a model of ordinary variables, as everything that follows expects
        model = build_model(layout, recipe, spec.model)
    stopping.restore(model)
    calibrations = calibrate(recipe, best, validation) if config.calibrate else dict.fromkeys(recipe.heads, IDENTITY)
    experts = expert_use(model, recipe, validation)
    return Trained(model, tuple(epochs), stopping.best, calibrations, carried, experts)


def train_epoch(
    update: Update, rows: PreparedRows, batches: Iterator[np.ndarray], steps: int, observers: Sequence[Observer]
) -> np.ndarray:
    """Trains on the next `steps` batches with a function of `make_steps`; the mean loss by head."""
    total: tf.Tensor | float = 0.0
    for start in range(0, steps, _STEPS_PER_CALL):
        chosen = np.stack([*islice(batches, min(_STEPS_PER_CALL, steps - start))])
        total += update(*(tf.constant(array[chosen]) for array in (rows.ids, rows.floats, rows.labels, rows.source)))
        for observer in observers:
            observer.step(chosen.size)
    return np.asarray(total) / steps


def _check_finite(spec: TrainingSpec, epoch: int, *values: np.ndarray) -> None:
    if not all(np.isfinite(array).all() for array in values):
        raise TrainingError(
            f"training diverged in epoch {epoch}: losses or scores are not finite; lower "
            f"trainer.learning_rate (now {spec.trainer.learning_rate:g}) or trainer.loss_weights"
        )
