"""Starts each head at its base rate."""

import keras
import numpy as np

from models.network import tower_name
from models.prepared_rows import PreparedRows
from models.recipes import Recipe
from models.training.losses import loss_mask


def start_at_base_rates(model: keras.Model, recipe: Recipe, rows: PreparedRows) -> None:
    """Sets the bias of each head's logit to the log-odds of its label among the training examples it learns from.

    At rates of a percent, training would otherwise spend its first hundreds of steps on learning only that. A balanced
    recipe sees each source equally often, so there the rate is the mean over sources of the source's own.
    """
    sources = rows.source_names
    labels = np.array([rows.label_names.index(task.label) for task in recipe.tasks])
    counts, rates = np.zeros(len(sources)), np.zeros((len(sources), len(recipe.heads)))
    for source in recipe.trained_on:
        own = rows.labels[rows.of(source)]
        code = sources.index(source)
        counts[code] = 1.0 if recipe.balanced else len(own)
        rates[code] = (own.sum(axis=0)[labels] + 1.0) / (len(own) + 2.0)  # never 0 or 1
    weights = counts[:, None] * loss_mask(recipe.tasks, sources)
    for head, rate in zip(recipe.heads, (weights * rates).sum(axis=0) / weights.sum(axis=0), strict=True):
        rate = np.clip(rate, 1e-6, 1 - 1e-6)
        bias = model.get_layer(tower_name(head)).logit.bias  # of an ensemble, one for each member
        bias.assign(np.full(bias.shape, np.log(rate / (1 - rate))))
