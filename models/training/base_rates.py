"""Starts each head at its base rate."""

import keras
import numpy as np

from models.recipes import Recipe
from models.tasks import TASKS
from models.training.losses import loss_mask
from models.training.prepared_rows import Rows
from transforms.labels import LABELS, SOURCES


def start_at_base_rates(model: keras.Model, recipe: Recipe, rows: Rows) -> None:
    """Sets the bias of each head's logit to the log-odds of its label among the training examples it learns from.

    At rates of a percent the first hundreds of steps would otherwise be spent on learning only that. A balanced recipe
    sees each source equally often, so there the rate is the mean over sources of the source's own.
    """
    labels = np.array([LABELS.index(TASKS[head].label) for head in recipe.heads])
    counts, rates = np.zeros(len(SOURCES)), np.zeros((len(SOURCES), len(recipe.heads)))
    for source in recipe.sources:
        own = rows.labels[rows.of(source)]
        code = SOURCES.index(source)
        counts[code] = 1.0 if recipe.balanced else len(own)
        rates[code] = (own.sum(axis=0)[labels] + 1.0) / (len(own) + 2.0)  # never 0 or 1
    weights = counts[:, None] * loss_mask(recipe.heads)
    for head, rate in zip(recipe.heads, (weights * rates).sum(axis=0) / weights.sum(axis=0), strict=True):
        rate = np.clip(rate, 1e-6, 1 - 1e-6)
        model.get_layer(f"{head}_logit").bias.assign([np.log(rate / (1 - rate))])
