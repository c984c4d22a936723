"""Results under names made of what they were computed from."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from files.kept import Kept, key_of


@dataclass(frozen=True)
class Count:
    rows: int
    by_day: dict[date, int]


def test_a_result_is_found_once_its_record_is_kept(tmp_path: Path):
    kept = Kept(str(tmp_path))
    assert kept.find("days", "k", Count) is None
    record = Count(3, {date(2026, 1, 2): 3})
    kept.keep("days", "k", record)
    assert Kept(str(tmp_path)).find("days", "k", Count) == record
    assert kept.find("rows", "k", Count) is None, "another kind"
    assert kept.base("days", "k") == f"{tmp_path}/days/k"


def test_what_a_run_looks_for_keeps_or_names_is_used(tmp_path: Path):
    kept = Kept(str(tmp_path))
    kept.base("days", "path-only")
    kept.find("days", "looked-for", Count)
    kept.keep("days", "kept", Count(0, {}))
    kept.use("rows", "for-tomorrow")
    assert kept.used == {"days/looked-for", "days/kept", "rows/for-tomorrow"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("ab",)),
        (("a", ""), ("", "a")),
        ((["a"], "b"), (["a", "b"],)),
        ((1,), ("1",)),
        ((None,), ("",)),
        ((("a", ["b", "c"]),), (("a", ["b"], "c"),)),
    ],
)
def test_different_inputs_have_different_names(one: tuple, other: tuple):
    assert key_of(*one) != key_of(*other)
    assert key_of(*one) == key_of(*one)
    assert len(key_of(*one)) == 32


def test_a_day_is_part_of_a_name():
    assert key_of(date(2026, 1, 1)) != key_of(date(2026, 1, 2))
