"""The columns that trees read: those of a model's inputs, with the label's mean in place of each id of many values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from models.prepared_rows import PreparedRows
from transforms.packed import PackedLayout

CODES_UP_TO = 64
"""Ids of a feature with at most so many rows are categories of LightGBM; others are target-encoded."""

FOLDS = 5
"""Parts of the training rows for their own encodings."""


@dataclass(frozen=True)
class TreeColumns:
    """The input of the trees, for the rows of one split.

    Attributes:
        values: float32 `[n, columns]`; NaN where a number is missing.
        categories: positions of the columns that hold codes.
        encoded: positions of the columns that hold target encodings.
    """

    values: np.ndarray
    categories: tuple[int, ...]
    encoded: tuple[int, ...]


def tree_columns(layout: PackedLayout, splits: Sequence[PreparedRows], label: str, seed: int) -> list[TreeColumns]:
    """The columns of each split, the training rows first.

    A z-score is NaN where it is missing; a vector is one column for each number. Ids of many values become the mean
    label of their training rows (Micci-Barreca 2001), smoothed. For the training rows, the mean is over other folds.
    A feature with several ids has the mean over those present; an id counts alike at each place of its list. The source
    is a category.

    Args:
        layout: columns of the rows.
        splits: the rows; the first ones are trained on.
        label: whose mean the encodings are.
        seed: of the folds.
    """
    parts: list[list[np.ndarray]] = [[] for _ in splits]
    categories, encoded, place = [], [], 0
    for feature in layout.ids:
        ids = [rows.ids[:, feature.column : feature.column + feature.width] - feature.row for rows in splits]
        if feature.width == 1 and feature.rows <= CODES_UP_TO:
            categories.append(place)
        else:
            encoded.append(place)
            ids = _target_encoded(ids, splits[0].label(label), seed)
        for part, values in zip(parts, ids, strict=True):
            part.append(values)
        place += 1
    for number in layout.floats:
        for part, rows in zip(parts, splits, strict=True):
            values = rows.floats[:, number.column : number.column + number.width]
            part.append(np.where(values[:, 1::2] > 0, values[:, ::2], np.nan) if number.quantiles else values)
        place += parts[0][-1].shape[1]
    for part, rows in zip(parts, splits, strict=True):
        part.append(rows.source[:, None])
    joined = [np.concatenate(part, axis=1).astype(np.float32) for part in parts]
    return [TreeColumns(values, (*categories, place), tuple(encoded)) for values in joined]


def _target_encoded(ids: Sequence[np.ndarray], labels: np.ndarray, seed: int) -> list[np.ndarray]:
    """The encodings of a feature, float `[n, 1]` for each split."""

    def encoder(rows: np.ndarray) -> TargetEncoder:
        learned = ids[0][rows]
        return TargetEncoder(target_type="binary").fit(learned.reshape(-1, 1), np.repeat(labels[rows], ids[0].shape[1]))

    def encoded(by: TargetEncoder, values: np.ndarray) -> np.ndarray:
        present = values != 0
        means = by.transform(values.reshape(-1, 1)).reshape(values.shape)
        total = np.where(present, means, 0.0).sum(axis=1)
        mean = np.divide(total, present.sum(axis=1), out=np.full(len(values), np.nan), where=present.any(axis=1))
        return mean[:, None]

    crossed = np.empty((len(labels), 1))
    for others, held in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(ids[0], labels):
        crossed[held] = encoded(encoder(others), ids[0][held])
    whole = encoder(np.arange(len(labels)))
    return [crossed, *(encoded(whole, values) for values in ids[1:])]
