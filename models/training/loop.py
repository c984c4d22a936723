"""Trains the model of a recipe on prepared rows, without TFX: epoch after epoch, until validation says to stop."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import keras
import numpy as np
import tensorflow as tf

from models.calibration import IDENTITY, calibrate
from models.errors import TrainingError
from models.metrics.readings import Reading, readings, stream_ap
from models.network import build_model
from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from models.training.epochs import Balance, Epoch, Observer, Trained
from models.training.expert_use import expert_use
from models.training.feed import batches_in_epoch, row_batches
from models.training.learner import Learner, make_learner
from models.training.sample import sampled
from models.training.scoring import make_scorer
from models.training.step import Update
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
    learner = make_learner(spec, layout, rows, steps * config.epochs, start)
    score = make_scorer(learner.model)
    stopping = Stopping(config.epochs, config.patience, learner.balancer.state)
    epochs: list[Epoch] = []
    best_logits: Mapping[str, np.ndarray] = {}
    while not stopping.done:
        if len(epochs) == config.embedding_epochs:
            learner.freeze_embeddings()
        started = time.perf_counter()
        losses = train_epoch(learner.update, rows, batches, steps, observers)
        seconds = time.perf_counter() - started
        with learner.final_weights():
            logits = score(validation)
            _check_finite(spec, len(epochs) + 1, losses, *logits.values())
            validated, ap = _validate(spec, logits, validation)
            if stopping.judge(ap, learner.model):
                best_logits = logits
        by_head = dict(zip(recipe.heads, map(float, losses), strict=True))
        balance = Balance.of(learner.balancer, recipe.heads)
        epochs.append(Epoch(len(epochs) + 1, by_head, validated, ap, steps * config.batch_size, seconds, balance))
        for observer in observers:
            observer.epoch(epochs[-1])
    return _finish(spec, layout, learner, stopping, epochs, best_logits, validation)


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


def _validate(
    spec: TrainingSpec, logits: Mapping[str, np.ndarray], validation: PreparedRows
) -> tuple[tuple[Reading, ...], float]:
    """AP and loss of each head on each source, and the mean AP that decides when training stops.

    Raises:
        TrainingError: the rows have no positive of the deciding tasks.
    """
    recipe, config = spec.recipe, spec.trainer
    validated = readings(recipe, logits, validation)
    ap = stream_ap(recipe, validated, config.loss_weights, config.decided_by)
    if ap is None:
        positive = "a stream" if config.decided_by is None else f"a {recipe.task(config.decided_by).label}"
        raise TrainingError(
            f"no validation row of source {' or '.join(map(repr, recipe.trained_on))} has {positive}, so no "
            "epoch can be judged: take more days into the validation split"
        )
    return validated, ap


def _finish(
    spec: TrainingSpec,
    layout: PackedLayout,
    learner: Learner,
    stopping: Stopping,
    epochs: Sequence[Epoch],
    logits: Mapping[str, np.ndarray],
    validation: PreparedRows,
) -> Trained:
    """The model with the weights of the best epoch, calibrated by the `logits` of that epoch's validation."""
    recipe, config = spec.recipe, spec.trainer
    # Everything that follows expects ordinary variables, not those of replicas.
    model = build_model(layout, recipe, spec.model) if config.replicas > 1 else learner.model
    stopping.restore(model)
    calibrations = calibrate(recipe, logits, validation) if config.calibrate else dict.fromkeys(recipe.heads, IDENTITY)
    experts = expert_use(model, recipe, validation)
    return Trained(model, tuple(epochs), stopping.best, calibrations, learner.carried, experts)


def _check_finite(spec: TrainingSpec, epoch: int, *values: np.ndarray) -> None:
    if not all(np.isfinite(array).all() for array in values):
        raise TrainingError(
            f"training diverged in epoch {epoch}: losses or scores are not finite; lower "
            f"trainer.learning_rate (now {spec.trainer.learning_rate:g}) or trainer.loss_weights"
        )
