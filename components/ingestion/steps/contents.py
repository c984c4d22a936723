"""The content of rows: a digest that does not depend on their order and adds up over parts of them."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

_SEEDS = (1, 2)
_MODULUS = 2**64
_BITS = {pa.float16(): pa.int16(), pa.float32(): pa.int32(), pa.float64(): pa.int64()}


@dataclass(frozen=True)
class Content:
    """The number of rows, and the sums of two hashes of each row.

    The contents of parts of a table add up to that of the table. Hashes are the same on the same kind of machine and
    version of Polars.
    """

    rows: int = 0
    first: int = 0
    second: int = 0

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Content":
        """The content of `rows`."""
        first, second = (int(hashes.sum(dtype=np.uint64)) for hashes in row_hashes(rows))
        return cls(len(rows), first, second)

    def __add__(self, other: "Content") -> "Content":
        """The content of the rows of both."""
        sums = ((mine + theirs) % _MODULUS for mine, theirs in ((self.first, other.first), (self.second, other.second)))
        return Content(self.rows + other.rows, *sums)

    def __str__(self) -> str:
        """The digest."""
        return f"{self.rows}-{self.first:016x}{self.second:016x}"


def content_of(rows: pl.DataFrame) -> str:
    """The digest of the content of `rows`."""
    return str(Content.of(rows))


def row_hashes(rows: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Two independent uint64 hashes of each row, of the bits of floating-point numbers: -0.0 differs from 0.0."""
    exact = pl.DataFrame([_with_bits(column) for column in rows])
    first, second = (exact.hash_rows(seed).to_numpy() for seed in _SEEDS)
    return first, second


def _with_bits(column: pl.Series) -> pl.Series:
    """The column with integers in place of floating-point numbers, also of those in lists."""
    if not _has_floats(column.dtype):
        return column
    array = column.to_arrow()
    return pl.Series(column.name, pl.from_arrow(array.view(_type_of_bits(array.type))))


def _has_floats(dtype: pl.DataType) -> bool:
    return _has_floats(dtype.inner) if isinstance(dtype, pl.List) else dtype.is_float()  # type: ignore[arg-type]


def _type_of_bits(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_large_list(type_):
        return pa.large_list(_type_of_bits(type_.value_type))
    return _BITS[type_]
