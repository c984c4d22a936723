"""Two sides are equal only if every value is, or differs as is allowed, and something was diff."""

import math

import numpy as np
import pytest

from benchmarks.flink.__main__ import table
from benchmarks.flink.diff import LAST_DIGITS, Diff, leaves
from tests.pipeline.terminal.screens import Screen


def test_leaves_have_paths():
    value = {"train": [{"mean": 1.5}, "text"], "empty": {}}
    assert dict(leaves(value)) == {"/train/0/mean": 1.5, "/train/1": "text"}


@pytest.mark.parametrize(
    ("first", "second", "differing"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, []),
        ({"a": math.nan}, {"a": math.nan}, []),
        ({"a": 1}, {"a": 2}, ["/a: 1 and 2"]),
        ({"a": 1}, {"a": 1, "b": 3}, ["/b: None and 3"]),
        ({"a": [1, 2]}, {"a": [1]}, ["/a/1: 2 and None"]),
        ({"a": 0.1}, {"a": 0.1 + 1e-16}, ["/a: 0.1 and 0.1000000000000001"]),
    ],
)
def test_every_value_of_either_side_counts(first: object, second: object, differing: list[str]):
    diff = Diff("numbers")
    diff.add_all(first, second)
    assert diff.differing == differing
    assert diff.equal == (differing == [])


def test_nothing_compared_is_not_equal():
    diff = Diff("numbers")
    diff.add_all({}, {})
    assert not diff.equal


def test_the_last_digits_may_differ_where_that_is_allowed():
    diff = Diff("numbers", allowed=LAST_DIGITS)
    diff.add_all([1.0, 0.0], [1.0 + 2e-16, 0.0], tolerance=1e-15)
    assert (diff.values, diff.close, diff.equal) == (2, 1, True)
    diff.add_all([1.0, 3], [1.0 + 2e-14, 4], tolerance=1e-15)  # too far, and no float
    assert (diff.close, len(diff.differing), diff.equal) == (1, 2, False)


def test_values_of_arrays_that_differ_are_named():
    rows = np.array([[1.0, 200.0], [0.01, 4.0]], np.float32)
    other = np.array([[1.5, 201.0], [0.02, 4.0]], np.float32)
    diff = Diff("rows", allowed=LAST_DIGITS)
    diff.add_arrays(rows, other, tolerance=0.01)  # relative to 201, and to 1 for what is smaller
    assert (diff.values, diff.close, diff.differing) == (4, 2, ["0/0: 1.0 and 1.5"])
    shapes = Diff("rows")
    shapes.add_arrays(rows, rows[:1])
    assert shapes.differing == ["shape: (2, 2) and (1, 2)"]


def test_the_table_counts_what_was_compared():
    same, other = Diff("accounting", "count"), Diff("means", allowed=LAST_DIGITS)
    same.add_all({"a": 1, "b": 2}, {"a": 1, "b": 2})
    other.add_all({"a": 1.0, "b": 2.0}, {"a": 1.1, "b": 3.0}, tolerance=0.2)
    screen = Screen(width=100)
    screen.print(table([same, other]))
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in screen.text.splitlines()]
    assert ["accounting", "2 counts", "0", "", "yes"] in cells
    assert ["means", "2 values", "2", "1 (last digits)", "NO"] in cells
