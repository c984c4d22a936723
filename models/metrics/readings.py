"""Exact average precision and mean loss, for each head on the sources that it is measured on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.metrics.average_precision import average_precision
from models.prepared_rows import PreparedRows
from models.recipes import Recipe


@dataclass(frozen=True)
class Reading:
    """AP and loss of a head on one source.

    Attributes:
        head: the head.
        label: the label that it predicts.
        source: the source whose examples count.
        ap: average precision, None without positives.
        positives: examples with label 1.
        examples: examples of the source.
        loss: mean binary cross-entropy in nats, before calibration; None without examples.
    """

    head: str
    label: str
    source: str
    ap: float | None
    positives: int
    examples: int
    loss: float | None = None


def readings(recipe: Recipe, logits: Mapping[str, np.ndarray], rows: PreparedRows) -> tuple[Reading, ...]:
    """Every head's average precision and loss on each source that it is measured on; other examples do not count.

    Args:
        recipe: gives the heads and their metric mask (`sources_of`).
        logits: `[n]` by head.
        rows: the scored rows, with their labels and sources.
    """
    result = []
    for task in recipe.tasks:
        label = rows.label(task.label)
        sources = recipe.sources_of(task.name)
        for source in rows.source_names:
            if source in sources:
                chosen = rows.of(source)
                truth = label[chosen]
                own = logits[task.name][chosen]
                counts = int(truth.sum()), len(truth)
                ap, loss = average_precision(truth, own), mean_loss(truth, own)
                result.append(Reading(task.name, task.label, source, ap, *counts, loss))
    return tuple(result)


def mean_loss(labels: np.ndarray, logits: np.ndarray) -> float | None:
    """The mean binary cross-entropy in nats, `log(1 + e^z) - y z`, which cannot overflow; None without examples.

    Args:
        labels: y, 0 or 1, `[n]`.
        logits: z, `[n]`.
    """
    if not len(labels):
        return None
    values = logits.astype(np.float64)
    return float(np.mean(np.logaddexp(0.0, values) - labels * values))


def stream_ap(
    recipe: Recipe,
    values: tuple[Reading, ...],
    loss_weights: Mapping[str, float],
    decided_by: str | None = None,
) -> float | None:
    """The AP that decides when training stops: the mean AP of streams over the sources that the recipe is trained on.

    Each of these sources counts with one head that learns (`Recipe.deciding_heads`). A source that the recipe is not
    trained on must not influence the choice of epoch. So it does not count, even if a head is measured on it.
    Sources without positives are left out; the result is None if no source has any.

    If `decided_by` names a task, that task's head decides in place of the streams' (`trainer.decided_by`).
    """
    if decided_by is None:
        heads = recipe.deciding_heads(loss_weights)
    else:
        heads = dict.fromkeys(recipe.sources_of(decided_by), decided_by)
    aps = [value.ap for value in values if heads.get(value.source) == value.head and value.ap is not None]
    return float(np.mean(aps)) if aps else None
