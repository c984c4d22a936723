"""Statistics that Transform learns from the training rows: moments, a sample, and counts of values, all mergeable.

Only numpy and Arrow; `transforms/analyzer.py` has the parts that need Beam.
"""

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kinds import QUANTILE_BINS
from transforms.learned import DELIMITER

_UNLISTABLE = frozenset(b"\r\n" + DELIMITER.encode())
_CONSTANT = 1e-6
"""A deviation below this share of the mean comes from rounding a constant float32 column."""

FARTHEST_SCORE = 100.0
"""Z-scores are kept within this distance of 0, beyond any real data."""

_SAMPLE_ROWS = 2**16
"""At this size the share of rows in a bin of 1/64 has a standard error of 3 % of itself, if few rows are equal."""

_Part = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The draws, uint64 [n], the counts, int64 [n], and the values, float32 [n, columns], of n rows."""


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


class RowSample:
    """A uniform sample of different rows, with the number of times each occurs: all rows if at most `size` differ.

    A hash of a row's content is its draw, and the rows with the lowest draws stay: Cohen and Kaplan, "Summarizing data
    using bottom-k sketches" (PODC 2007), doi 10.1145/1281100.1281133. A row of the sample of all rows is also in the
    sample of every part that contains it. So each count is exact, and the sample depends neither on the order of the
    rows nor on how Beam divides them into batches.

    Args:
        columns: number of columns.
        size: most different rows of the sample.
    """

    def __init__(self, columns: int, size: int = _SAMPLE_ROWS) -> None:
        self._size = size
        self._kept: _Part = (np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros((0, columns), np.float32))
        self._waiting: list[_Part] = []
        self._limit = np.uint64(2**64 - 1)

    def add(self, numbers: np.ndarray) -> None:
        """Adds the rows of float32 `[n, columns]`."""
        numbers = np.ascontiguousarray(numbers, np.float32)
        self._take(_draws(numbers), np.ones(len(numbers), np.int64), numbers)

    def merge(self, other: "RowSample") -> None:
        """Adds the rows of another sample."""
        for part in (other._kept, *other._waiting):
            self._take(*part)

    def compact(self) -> None:
        """Drops the rows that are not in the sample."""
        draws, counts, rows = map(np.concatenate, zip(self._kept, *self._waiting, strict=True))
        different, first, place = np.unique(draws, return_index=True, return_inverse=True)
        total = np.zeros(len(different), np.int64)
        np.add.at(total, place, counts)
        kept = slice(self._size)
        self._kept, self._waiting = (different[kept], total[kept], rows[first[kept]]), []
        if len(different) >= self._size:
            self._limit = self._kept[0][-1]

    def quantiles(self, bins: int = QUANTILE_BINS) -> np.ndarray:
        """The boundaries of `bins` bins with equally many present values, float32 `[columns, bins + 1]`.

        Each boundary is a value of the sample, from the least to the greatest. NaN in a column without values.
        """
        self.compact()
        _, counts, rows = self._kept
        result = np.full((rows.shape[1], bins + 1), np.nan, np.float32)
        for column, values in enumerate(rows.T):
            order = np.argsort(values)[: np.count_nonzero(~np.isnan(values))]  # NaN sorts last
            if len(order):
                up_to = np.cumsum(counts[order])
                ranks = -(-np.arange(bins + 1) * up_to[-1] // bins)  # rounded up: the least value with such a share
                result[column] = values[order][np.searchsorted(up_to, np.maximum(ranks, 1))]
        return result

    def _take(self, draws: np.ndarray, counts: np.ndarray, rows: np.ndarray) -> None:
        kept = draws <= self._limit
        self._waiting.append((draws[kept], counts[kept], rows[kept]))
        # Each compaction copies the sample, so it waits until as many new rows are there.
        if sum(len(draws) for draws, _, _ in self._waiting) > self._size:
            self.compact()


def _draws(rows: np.ndarray) -> np.ndarray:
    """A hash of each row's bytes, uint64 [n]: of float32 [n, columns], contiguous."""
    contents = rows.view(f"V{rows.shape[1] * rows.itemsize}").ravel().tolist()
    return np.frombuffer(b"".join(blake2b(content, digest_size=8).digest() for content in contents), "<u8")


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
