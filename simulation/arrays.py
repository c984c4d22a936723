"""Array types, tables of columns, work in blocks of rows, and grouped counts."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

ROWS_AT_ONCE = 32_768

_Rows = TypeVar("_Rows", bound="Rows")


@dataclass(frozen=True)
class Rows:
    """A table by column: each field of a subclass is an array with one value a row."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self: _Rows, rows: Bools | Ints) -> _Rows:
        """The rows of a mask or of positions."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


def blocks(rows: int) -> Iterator[slice]:
    """Slices of ROWS_AT_ONCE rows, which bound memory where a row needs many values. Their size changes no result."""
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, rows, ROWS_AT_ONCE))


def rank_in_group(groups: Ints) -> Ints:
    """For each row the number of earlier rows of its group; [n] -> [n]. Groups need not be adjacent."""
    order = np.argsort(groups, kind="stable")
    starts = group_starts(groups[order])
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(groups)) - starts
    return ranks


def running_sum(values: Ints, groups: Ints) -> Ints:
    """For each row the sum of its group's values up to and including it; [n], [n] -> [n]."""
    order = np.argsort(groups, kind="stable")
    total = np.cumsum(values[order])
    before = total[group_starts(groups[order])] - values[order][group_starts(groups[order])]
    sums = np.empty(len(groups), np.int64)
    sums[order] = total - before
    return sums


def group_starts(ordered: Ints) -> Ints:
    """For each row of grouped rows the position of its group's first row; [n] -> [n]."""
    new = np.ones(len(ordered), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.maximum.accumulate(np.where(new, np.arange(len(ordered)), 0))


def sigmoid(logits: Floats) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits.astype(np.float64), -60.0, 60.0)))
