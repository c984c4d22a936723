"""Trains on some of the rows: how much data does a task need?"""

import numpy as np

from models.prepared_rows import PreparedRows


def sampled(rows: PreparedRows, count: int | None, seed: int) -> PreparedRows:
    """A random sample of `count` rows, in their order; all rows if there are no more, or if `count` is None.

    Of one seed, a smaller sample is part of every larger one.

    Args:
        rows: the training rows.
        count: rows to take.
        seed: of the sample.
    """
    if count is None or count >= len(rows):
        return rows
    chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:count])
    return PreparedRows(
        ids=rows.ids[chosen],
        floats=rows.floats[chosen],
        labels=rows.labels[chosen],
        source=rows.source[chosen],
        label_names=rows.label_names,
        source_names=rows.source_names,
    )
