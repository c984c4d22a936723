"""A model's rows, sorted by score once; each slice of them is then at hand in this order."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from components.evaluation.paired.cells import Cells
from components.evaluation.paired.measures import Scored


@dataclass(frozen=True, eq=False)
class Users:
    """The users of rows, numbered.

    Attributes:
        of_row: integers [n], from 0 to `count` - 1.
        count: how many there are.
    """

    of_row: NDArray[np.intp]
    count: int

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Users":
        """Numbers the column `user_id` in the order in which users come: a sort of all texts would cost more."""
        ids = rows["user_id"].to_arrow().dictionary_encode()
        return cls(ids.indices.to_numpy().astype(np.intp), len(ids.dictionary))


@dataclass(frozen=True, eq=False)
class Ranking:
    """All rows in the order of a model's falling scores.

    Attributes:
        labels, scores: as in `Scored`; scores of any floats.
        users, cells: the numbers of their users and cells, [n].
        all_users: how many users there are.
    """

    labels: NDArray[np.bool_]
    scores: NDArray
    users: NDArray[np.intp]
    cells: NDArray[np.intp]
    all_users: int

    @classmethod
    def of(cls, labels: NDArray, scores: NDArray, users: Users, cells: Cells) -> "Ranking":
        """Sorts rows, [n]. Scores that are not finite come last, and rows of equal score keep their order."""
        scores = np.where(np.isfinite(scores), scores, -np.inf)
        order = np.argsort(-scores, kind="stable")
        return cls(labels[order] > 0, scores[order], users.of_row[order], cells.of_row[order], users.count)

    def among(self, chosen: NDArray[np.bool_]) -> Scored:
        """The rows of some cells, by whether each cell is chosen, [cells]."""
        rows = np.flatnonzero(chosen.take(self.cells))
        return Scored(self.labels[rows], self.scores[rows].astype(np.float64), self.users[rows], self.all_users)
