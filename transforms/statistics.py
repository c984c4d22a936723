"""Statistics that Transform learns from the training rows: means, deviations, and counts of values, all mergeable.

Only numpy and Arrow; `transforms/analyzer.py` has the parts that need Beam.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.learned import DELIMITER

_UNLISTABLE = frozenset(b"\r\n" + DELIMITER.encode())
_CONSTANT = 1e-6
"""A deviation below this share of the mean comes from rounding a constant float32 column."""


@dataclass(frozen=True)
class Moments:
    """Count, mean, and sum of squared deviations of each of k columns, without missing values (NaN).

    Merging is Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances"
    (1979), which loses no digits if the mean is much larger than the deviation.

    Attributes:
        count: float64 [k].
        mean: float64 [k], 0 where the count is 0.
        squares: float64 [k].
    """

    count: np.ndarray
    mean: np.ndarray
    squares: np.ndarray

    @classmethod
    def none(cls, columns: int) -> "Moments":
        """The moments of no rows."""
        return cls(np.zeros(columns), np.zeros(columns), np.zeros(columns))

    @classmethod
    def of(cls, numbers: np.ndarray) -> "Moments":
        """The moments of float [n, k]."""
        numbers = numbers.astype(np.float64)
        present = ~np.isnan(numbers)
        count = present.sum(axis=0).astype(np.float64)
        mean = np.where(present, numbers, 0.0).sum(axis=0) / np.maximum(count, 1.0)
        squares = np.where(present, numbers - mean, 0.0) ** 2
        return cls(count, mean, squares.sum(axis=0))

    def merge(self, other: "Moments") -> "Moments":
        """The moments of both sets of rows together."""
        count = self.count + other.count
        share = other.count / np.maximum(count, 1.0)
        delta = other.mean - self.mean
        return Moments(count, self.mean + delta * share, self.squares + other.squares + delta**2 * self.count * share)

    def scale(self) -> np.ndarray:
        """1 / standard deviation (of the population) of each column, 0 where all values are the same."""
        deviation = np.sqrt(self.squares / np.maximum(self.count, 1.0))
        spread = deviation > _CONSTANT * np.abs(self.mean)
        return np.divide(1.0, deviation, out=np.zeros_like(deviation), where=spread)


def count_values(values: np.ndarray) -> "Counter[bytes]":
    """The number of times each value occurs in an array of bytes of any shape, without the missing value (empty)."""
    counted = pc.value_counts(pa.array(values.ravel(), pa.binary()))
    counts = Counter(dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True)))
    counts.pop(b"", None)
    return counts


def listed(counts: "Counter[bytes]", *, size: int, min_count: int) -> list[bytes]:
    """The values that get their own id: the `size` most frequent ones that occur at least `min_count` times.

    The most frequent comes first; values of equal counts are in the order of their bytes. A value with a tab or a line
    break gets no id, since a vocabulary is a text file.
    """
    frequent = [
        (value, count) for value, count in counts.items() if count >= min_count and not _UNLISTABLE.intersection(value)
    ]
    frequent.sort(key=lambda pair: (-pair[1], pair[0]))
    return [value for value, _ in frequent[:size]]
