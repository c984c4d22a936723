"""Rows in the order of falling scores, and the rows of some cells in this order."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from components.evaluation.paired.cells import Cells
from components.evaluation.paired.ranking import Ranking, RowUsers, falling_order

_SCORES = st.one_of(st.floats(width=32, allow_nan=False), st.sampled_from([0.0, -0.0, 0.5, 0.25, -np.inf, np.inf]))


@given(st.lists(_SCORES, max_size=60))
def test_the_order_is_that_of_a_stable_sort(scores: list[float]) -> None:
    values = np.array(scores, np.float32)
    assert falling_order(values).tolist() == np.argsort(-values, kind="stable").tolist()


def test_the_rows_of_some_cells_fall_and_what_is_no_number_comes_last() -> None:
    rows = pl.DataFrame(
        {
            "user_id": ["b", "a", "b", "c", "a"],
            "source": ["ad", "ad", "promotion", "ad", "ad"],
            "stream_tier": [None, 3, 3, 3, None],
        }
    )
    cells, users = Cells.of(rows, ("source", "stream_tier", "no_such")), RowUsers.of(rows)
    assert cells.of_row.tolist() == [0, 1, 2, 1, 0]
    assert cells.values.rows() == [("ad", None), ("ad", 3), ("promotion", 3)]
    assert (users.of_row.tolist(), users.count) == ([0, 1, 0, 2, 1], 3)
    scores = np.array([0.5, np.nan, 0.9, 0.7, 0.5], np.float32)
    ranking = Ranking.of(np.array([1, 0, 1, 0, 0]), scores, users, cells)
    ads = ranking.among(cells.values["source"].is_in(["ad"]).to_numpy())
    assert ads.scores.tolist() == [float(np.float32(0.7)), 0.5, 0.5, -np.inf]
    assert (ads.users.tolist(), ads.positive.tolist(), ads.all_users) == ([2, 0, 1, 1], [1], 3)
