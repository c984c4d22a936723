"""Columns converted whole give what their values give one by one: the same arrays, and the same errors."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from serving.client import columns
from serving.client.columns import column_array, column_arrays
from serving.client.types import TensorInfo
from serving.errors import BadRequestError

NUMBERS = (
    st.floats()
    | st.floats(width=32)
    | st.integers()
    | st.sampled_from([2**53 + 1, 2**63, 2**200, 10**400, True, np.float64(3.4028235677973366e38), 3.402823669e38])
    | st.floats(width=16).map(np.float16)
    | st.integers(-9, 9).map(np.int64)
)
TEXTS = st.text(st.characters(), max_size=3) | st.binary(max_size=3)  # with halves of surrogate pairs
ODD = st.sampled_from([None, math.nan, pd.NA, pd.NaT, [1.0], {"a"}, np.array(1.0), np.str_("a"), np.bytes_(b"b"), 1j])
VALUES = NUMBERS | TEXTS | ODD
WHOLE_ARRAYS = st.sampled_from([np.dtype(name) for name in ("f4", "f8", "i8", "u8", "?", "f2", "g", "U2")])


def columns_of(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(values, max_size=6)


def rows_of(values: st.SearchStrategy) -> st.SearchStrategy:
    row = st.lists(values, max_size=3)
    return row | row.map(tuple) | row.map(_array) | st.none() | values


def _array(values: list[Any]) -> Any:
    """An array of the values; a list where numpy cannot tell what it is."""
    try:
        return np.array(values)
    except (ValueError, OverflowError, UnicodeError):
        return values


def outcome(convert: Callable[[], np.ndarray]) -> Any:
    try:
        array = convert()
    except BadRequestError as error:
        return str(error)
    return array.dtype, array.shape, repr(array.tolist())  # of every NaN the same text


def assert_whole_is_as_each(values: Any, info: TensorInfo) -> None:
    whole = outcome(lambda: column_array("x", values, info))
    with pytest.MonkeyPatch.context() as patched:
        for name in ("_whole", "_whole_rows"):
            patched.setattr(columns, name, lambda *_: None)
        assert whole == outcome(lambda: column_array("x", values, info))


@given(columns_of(NUMBERS) | columns_of(NUMBERS | st.none()) | columns_of(TEXTS | st.none()) | columns_of(VALUES))
def test_lists(values: list[Any]) -> None:
    for dtype in ("float", "string"):
        assert_whole_is_as_each(values, TensorInfo(dtype, (-1,)))


@given(WHOLE_ARRAYS.flatmap(lambda dtype: npst.arrays(dtype, npst.array_shapes(max_dims=2, min_side=0, max_side=3))))
def test_arrays(values: np.ndarray) -> None:
    for dtype in ("float", "string"):
        for shape in ((-1,), (-1, 2), (-1, -1)):
            assert_whole_is_as_each(values, TensorInfo(dtype, shape))


@given(
    columns_of(rows_of(NUMBERS)) | columns_of(rows_of(TEXTS)) | columns_of(rows_of(VALUES)),
    st.sampled_from([1, 2, 3, -1]),
)
def test_rows_of_several_values(values: list[Any], width: int) -> None:
    for dtype in ("float", "string"):
        assert_whole_is_as_each(values, TensorInfo(dtype, (-1, width)))


@pytest.mark.parametrize(
    ("values", "info"),
    [
        ([1.5, None, 2, True, math.inf], TensorInfo("float", (-1,))),
        (np.arange(5), TensorInfo("float", (-1,))),
        (["a", None, b"b", "ü"], TensorInfo("string", (-1,))),
        (np.array(["a", "b"]), TensorInfo("string", (-1,))),
        ([[1.0, 2.0], None, np.array([3.0, 4.0], np.float32), (5, 6)], TensorInfo("float", (-1, 2))),
        (np.ones((3, 2), np.float32), TensorInfo("float", (-1, 2))),
        ([["a"], None, ("b", "c", "d"), []], TensorInfo("string", (-1, 2))),
    ],
)
def test_usual_columns_need_no_look_at_each_value(
    values: Any, info: TensorInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    for name in ("_each", "_each_row"):
        monkeypatch.setattr(columns, name, refuse)
    assert len(column_array("x", values, info)) == len(values)


@given(st.integers(0, 4).flatmap(lambda size: st.lists(st.lists(VALUES, min_size=size, max_size=size), max_size=4)))
def test_columns_together_are_as_each_alone(values: list[list[Any]]) -> None:
    kinds = (TensorInfo("float", (-1,)), TensorInfo("string", (-1,)), TensorInfo("float", (-1, 2)))
    together = {f"{number} {kind}": column for number, column in enumerate(values) for kind in range(len(kinds))}
    inputs = {name: kinds[int(name[-1])] for name in together}
    for name, column in together.items():
        alone = outcome(partial(column_array, name, column, inputs[name]))
        others = {other: values for other, values in together.items() if other == name or _fits(values, inputs[other])}
        assert outcome(partial(_one_of, name, others, inputs)) == alone


def _one_of(name: str, values: dict[str, Any], inputs: dict[str, TensorInfo]) -> np.ndarray:
    return column_arrays(values, inputs)[name]


def _fits(values: list[Any], info: TensorInfo) -> bool:
    return not isinstance(outcome(lambda: column_array("x", values, info)), str)


def test_number_columns_of_different_lengths_stay_apart() -> None:
    values = {"a": [1.0, 2.0], "b": [3.0, 4.0, 5.0, 6.0], "c": [], "d": [1e300]}
    info = TensorInfo("float", (-1,))
    whole = columns._number_columns(values)
    assert {name: array.tolist() for name, array in whole.items()} == {name: values[name] for name in "abc"}
    together = column_arrays({name: values[name] for name in "abc"}, dict.fromkeys("abc", info))
    assert {name: len(array) for name, array in together.items()} == {"a": 2, "b": 4, "c": 0}


def test_one_long_list_needs_no_padding_of_every_shorter_length() -> None:
    # Every length up to 100,000 would take 40 GB.
    rows = [["a"] * 100_000, ["b"], None]
    array = column_array("x", rows, TensorInfo("string", (-1, -1)))
    assert array.shape == (3, 100_000)
    assert [row.tolist()[:2] for row in array] == [[b"a", b"a"], [b"b", b""], [b"", b""]]
