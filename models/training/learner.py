"""A new model with all that changes its weights: optimizers, the balancer of losses, and their compiled steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from models.network import build_model, embedding_table
from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from models.training.averaging import WeightAverage
from models.training.balancing.balancer import Balancer
from models.training.balancing.make import make_balancer
from models.training.base_rates import start_at_base_rates
from models.training.frozen import freeze_encoder
from models.training.losses import MaskedLosses
from models.training.new_ids import NewIds
from models.training.optimizer import make_optimizer, make_row_optimizer
from models.training.replicas import strategy_for
from models.training.row_adam import RowAdam
from models.training.step import Update, make_steps
from models.training.warm_start import Carried
from transforms.packed import PackedLayout


@dataclass(frozen=True)
class Learner:
    """A model that learns.

    Attributes:
        model: the model, whose weights change.
        update: trains it on several batches.
        balancer: of the tasks' losses.
        strategy: the replicas of the model.
        row_optimizer: of the embedding table; None if the model has none, or a frozen one.
        average: of the weights; None if the last weights count.
        new_ids: gives new ids the row of the missing id; None without id dropout.
        carried: the weights that it took over from another model; None if it started from random weights.
    """

    model: keras.Model
    update: Update
    balancer: Balancer
    strategy: tf.distribute.Strategy
    row_optimizer: RowAdam | None
    average: WeightAverage | None
    new_ids: NewIds | None
    carried: Carried | None

    def freeze_embeddings(self) -> None:
        """Keeps the embedding table as it is from now on."""
        if self.row_optimizer is not None:
            self.row_optimizer.learns.assign(False)

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Gives the model the weights that it would be exported with; after the block, an average is taken out again.

        These are the averaged weights, if there is an average, with the embedding rows of new ids.
        """
        with self.average.applied(self.strategy) if self.average else nullcontext():
            if self.new_ids:
                self.new_ids.follow(self.strategy)
            yield


def make_learner(
    spec: TrainingSpec,
    layout: PackedLayout,
    rows: PreparedRows,
    steps: int,
    start: Callable[[keras.Model], Carried] | None = None,
) -> Learner:
    """The untrained model of a spec, or one that starts from another model's weights.

    Args:
        spec: the recipe, the sizes, and the optimisation. The caller sets Keras's seed.
        layout: of the rows' ids and floats.
        rows: training rows, which give the base rates.
        steps: all steps of training, which the learning rate follows.
        start: gives the new model weights of another one; None for random weights.

    Raises:
        TrainingError: the machine has too few devices, or the encoder is to be frozen without trained weights.
    """
    recipe, config = spec.recipe, spec.trainer
    strategy = strategy_for(config.replicas)
    with strategy.scope():
        model = build_model(layout, recipe, spec.model)
        start_at_base_rates(model, recipe, rows)
        table = embedding_table(model)
        random = np.zeros(0) if table is None else table.numpy()
        carried = start(model) if start else None
        freeze_encoder(model, config, recipe.heads, carried)
        optimizer = make_optimizer(config, steps)
        balancer = make_balancer(recipe.heads, config, model, spec.seed)
    row_optimizer = make_row_optimizer(config, steps, model)
    new_ids = None
    if row_optimizer is not None and table is not None and spec.model.id_dropout:
        new_ids = NewIds(layout, spec.model, table, row_optimizer, random)
    average = WeightAverage(model, table, config.average_decay) if config.average_decay else None
    losses = MaskedLosses(recipe, rows.label_names, rows.source_names, config.mean_over)
    update = make_steps(model, optimizer, row_optimizer, losses, balancer, strategy, average)
    return Learner(model, update, balancer, strategy, row_optimizer, average, new_ids, carried)
