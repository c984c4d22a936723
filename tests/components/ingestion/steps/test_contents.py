"""Contents: equal for the same rows in any order, and for no other rows."""

import polars as pl
import pytest

from components.ingestion.steps.contents import Content, content_of


def test_content_is_of_rows_in_any_order():
    rows = pl.DataFrame({"a": ["x", "y", None], "l": [["n"], [], None], "v": [[0.5], None, [1.5]]})
    assert content_of(rows) == content_of(rows.reverse()) == content_of(pl.concat([rows[:1], rows[1:]]))
    assert len({content_of(rows), content_of(rows[:2]), content_of(rows.with_columns(a=pl.lit("x")))}) == 3
    twice = pl.concat([rows, rows])
    assert content_of(twice) != content_of(rows)
    assert content_of(pl.DataFrame({"a": [None]}, schema={"a": pl.String})) != content_of(pl.DataFrame({"a": [""]}))


def test_contents_of_parts_add_up():
    rows = pl.DataFrame({"a": [f"x{number}" for number in range(99)]})
    assert sum((Content.of(rows[start : start + 33]) for start in (0, 33, 66)), Content()) == Content.of(rows)


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64, pl.List(pl.Float32)])
def test_numbers_that_are_equal_and_have_other_bits_are_other_content(dtype: pl.DataType):
    zeros = [[0.0], [-0.0]] if isinstance(dtype, pl.List) else [0.0, -0.0]
    plus, minus = (pl.DataFrame({"a": pl.Series([None, zero], dtype=dtype)}) for zero in zeros)
    assert content_of(plus) != content_of(minus)
    assert content_of(plus) == content_of(plus.reverse())
