"""The slices that two models are compared on: those of every metric, and new shows, campaigns, and creatives.

To add a slice, add a row to `PAIRED_SLICES`. Its columns must be columns of the scores.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from components.evaluation.slices import SLICES, Slice, SliceKeys, column_values

UNSEEN = {"unseen_show": "show_id", "unseen_campaign": "campaign_id", "unseen_creative": "creative_id"}
"""Columns of the scores: 1 where no row of the training split has the row's show, campaign, or creative."""

FIRST_DAYS = "first_days"
"""The column of the scores that is 1 where the row's show was released less than `NEW_DAYS` days before."""

NEW_DAYS = 7

_MARKS = (*UNSEEN, FIRST_DAYS)

PAIRED_SLICES: tuple[Slice, ...] = (
    *SLICES,
    *(Slice((mark,), only={mark: 1}) for mark in _MARKS),
    *(Slice(("source", mark), only={mark: 1}) for mark in _MARKS),
)

BY_SOURCE = (Slice(("source",)),)
"""The slices of the AP table."""


def slices_of(
    rows: pl.DataFrame, slices: Sequence[Slice], sources: tuple[str, ...]
) -> Iterator[tuple[SliceKeys, NDArray[np.bool_]]]:
    """The keys of each slice, and which of the `rows` are in it, [n]. A slice of a column that rows lack is left out.

    Args:
        rows: of `Scores`.
        slices: the slices.
        sources: the values of the column `source`.
    """
    present = {name for name in rows.columns if rows[name].null_count() < max(rows.height, 1)}
    known: dict[str, tuple[str | int, ...]] = dict(column_values(sources))
    masks: dict[tuple[str, str | int], NDArray[np.bool_]] = {}
    for slice_ in slices:
        if not present.issuperset(slice_.columns):
            continue
        for column in slice_.columns:
            if column not in known and column not in slice_.only:
                known[column] = tuple(rows[column].unique().drop_nulls().sort())
        for keys in slice_.combinations(known):
            chosen = np.ones(rows.height, bool)
            for item in keys.items():
                if item not in masks:
                    masks[item] = rows[item[0]].eq_missing(item[1]).to_numpy()
                chosen &= masks[item]
            yield keys, chosen
