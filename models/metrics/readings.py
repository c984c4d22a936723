"""Exact average precision, for each head on the sources it is read on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.metrics.average_precision import average_precision
from models.recipes import Recipe
from models.tasks import TASKS
from transforms.labels import LABELS, SOURCES, Source


@dataclass(frozen=True)
class Reading:
    """A head's average precision on one source.

    Attributes:
        head: the head.
        source: the source whose examples count.
        ap: average precision, None without positives.
        positives: examples with label 1.
        examples: examples of the source.
    """

    head: str
    source: Source
    ap: float | None
    positives: int
    examples: int


def readings(
    recipe: Recipe, scores: Mapping[str, np.ndarray], labels: np.ndarray, source: np.ndarray
) -> tuple[Reading, ...]:
    """Every head's average precision on each source it is read on in this recipe; other examples count in none.

    Args:
        recipe: gives the heads and their metric mask (`read_on`).
        scores: `[n]` by head.
        labels: 0/1, `[n, len(LABELS)]`, columns in the order of `LABELS`.
        source: `[n]`, positions in `SOURCES`.
    """
    found = []
    for head in recipe.heads:
        label = labels[:, LABELS.index(TASKS[head].label)]
        for code, name in enumerate(SOURCES):
            if name in recipe.read_on(head):
                chosen = source == code
                truth = label[chosen]
                ap = average_precision(truth, scores[head][chosen])
                found.append(Reading(head, name, ap, int(truth.sum()), len(truth)))
    return tuple(found)


def stream_ap(recipe: Recipe, found: tuple[Reading, ...]) -> float | None:
    """What training is stopped by: the mean AP of stream prediction over the sources the recipe is trained on.

    On each of these sources the head counts that stands for it (`Recipe.head_for`). A source the recipe never saw takes
    no part, although its head may be read there too: a model must not be chosen by data of a channel that it stands for
    being without.
    Sources without positives are left out; None if none has any.
    """
    heads = {source: recipe.head_for("stream", source) for source in recipe.sources}
    values = [one.ap for one in found if heads.get(one.source) == one.head and one.ap is not None]
    return float(np.mean(values)) if values else None
