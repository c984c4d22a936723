"""Rows by the values of all columns that slices use."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows of one *cell* have the same value of each column, so they are in the same slices. There are few cells.

    Attributes:
        of_row: the number of each row's cell, integers [n].
        values: the values of each cell, in the order of their numbers.
    """

    of_row: NDArray[np.intp]
    values: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame, columns: Iterable[str]) -> "Cells":
        """The cells of rows.

        Args:
            rows: the rows.
            columns: the columns that slices use, at least one that `rows` have; those that they lack are left out.
        """
        present = [name for name in dict.fromkeys(columns) if name in rows.columns]
        values = rows.select(present).unique(maintain_order=True)
        numbered = rows.select(present).join(
            values.with_row_index("cell"), on=present, how="left", nulls_equal=True, maintain_order="left"
        )
        return cls(numbered["cell"].to_numpy().astype(np.intp), values)
