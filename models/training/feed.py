"""Which rows make up each training batch: source-balanced, or plainly shuffled (docs/model.md).

An epoch is as many batches as the training rows fill. The rows of a source repeat as long as needed. Each pass over
them has a new order and uses each row once, so the uses of two rows of a source differ by one at most.
"""

from collections.abc import Iterator

import numpy as np

from models.errors import TrainingError
from models.prepared_rows import PreparedRows
from models.recipes import Recipe


def batches_in_epoch(rows: int, batch_size: int) -> int:
    """Batches that `rows` fill, at least one."""
    return max(rows // batch_size, 1)


def row_batches(rows: PreparedRows, recipe: Recipe, batch_size: int, seed: int) -> Iterator[np.ndarray]:
    """Positions of the rows of batch after batch, without end; the same seed gives the same batches.

    Each batch of a balanced recipe holds the same number of rows of each of its sources, whatever the volumes. Where
    `batch_size` does not divide, the first sources have one more. No batch has rows of sources that the recipe is not
    trained on.

    Yields:
        int64 `[batch_size]`.

    Raises:
        TrainingError: the rows have none of a source that the recipe is trained on.
    """
    pools = {source: rows.of(source) for source in recipe.trained_on}
    for source, pool in pools.items():
        if not len(pool):
            raise TrainingError(
                f"there are no training rows of source {source!r}, which the recipe is trained on: take more training "
                "days, raise trainer.rows if you set it, or choose a recipe without the source"
            )
    parts = list(pools.values()) if recipe.balanced else [np.sort(np.concatenate(list(pools.values())))]
    share, more = divmod(batch_size, len(parts))
    sizes = [share + (index < more) for index in range(len(parts))]
    seeds = np.random.SeedSequence(seed).spawn(len(parts))
    drawn = [
        _draws(part, size, np.random.default_rng(own)) for part, size, own in zip(parts, sizes, seeds, strict=True)
    ]
    while True:
        yield np.concatenate([next(draw) for draw in drawn])


def _draws(pool: np.ndarray, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """`size` positions at a time, from endless passes over the pool, each shuffled anew."""
    left = rng.permutation(pool)
    while True:
        while len(left) < size:
            left = np.concatenate([left, rng.permutation(pool)])
        yield left[:size]
        left = left[size:]
