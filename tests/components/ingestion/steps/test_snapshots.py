"""States: the snapshots up to a day, the later over the earlier."""

from pathlib import Path

import polars as pl
import pytest

from components.ingestion.compute.buckets import bucket_of
from components.ingestion.steps.snapshots import (
    OverlaySnapshots,
    Snapshot,
    State,
    content_of,
    overlay_snapshots,
)
from files.storage import read_all, read_batch, write_batches


def clean(folder: Path, name: str, *rows: tuple[str, str, str | None]) -> str:
    path = str(folder / f"{name}.arrow")
    frame = pl.DataFrame(rows, schema={"show_id": pl.String, "genre": pl.String, "name": pl.String}, orient="row")
    write_batches(path, [frame])
    return path


@pytest.fixture
def days(tmp_path: Path) -> list[tuple[str, ...]]:
    return [
        (clean(tmp_path, "a", ("s", "news", "S"), ("r", "war", "R"), ("s", "late", "S")),),
        (clean(tmp_path, "b", ("r", "war", "R2")), clean(tmp_path, "b2", ("t", "food", None), ("r", "x", "x"))),
    ]


def overlay(days: list[tuple[str, ...]], folder: Path, before: str | None = None, buckets: int = 1) -> list[State]:
    snapshots = tuple(Snapshot(files, str(folder / f"state-{files[0][-7]}.arrow")) for files in days)
    return list(overlay_snapshots(OverlaySnapshots("show_id", before, snapshots, ("genre",), buckets)).states)


def rows_of(path: Path) -> set[tuple]:
    return set(read_all(str(path)).iter_rows())


def test_a_later_row_takes_the_place_of_an_earlier_one_and_of_a_day_the_first_counts(tmp_path: Path, days):
    first, second = overlay(days, tmp_path)
    assert rows_of(tmp_path / "state-a.arrow") == {("s", "news", "S"), ("r", "war", "R")}
    assert rows_of(tmp_path / "state-b.arrow") == {("s", "news", "S"), ("r", "war", "R2"), ("t", "food", None)}
    assert (first.duplicate, second.duplicate) == (1, 1)
    assert first.content != second.content
    assert first.history != second.history, "a new show"


def test_from_the_state_before_it_is_the_same(tmp_path: Path, days):
    whole = overlay(days, tmp_path)
    expected = rows_of(tmp_path / "state-b.arrow")
    assert overlay(days[1:], tmp_path, before=str(tmp_path / "state-a.arrow")) == whole[1:]
    assert rows_of(tmp_path / "state-b.arrow") == expected


def test_history_is_the_content_of_its_columns_alone(tmp_path: Path):
    one, other, more = (
        clean(tmp_path, name, *rows)
        for name, rows in (("a", [("s", "news", "S")]), ("b", [("s", "news", "T")]), ("c", [("s", "war", "T")]))
    )
    first, second, third = overlay([(one,), (other,), (more,)], tmp_path)
    assert first.history == second.history != third.history
    assert first.content != second.content


def test_a_state_is_bucketed_by_its_id(tmp_path: Path, days):
    overlay(days, tmp_path, buckets=4)
    for bucket in range(4):
        rows = read_batch(str(tmp_path / "state-b.arrow"), bucket)
        assert (bucket_of(rows["show_id"], 4) == bucket).all()
    assert len(rows_of(tmp_path / "state-b.arrow")) == 3


def test_content_is_of_rows_in_any_order():
    rows = pl.DataFrame({"a": ["x", "y", None], "l": [["n"], [], None], "v": [[0.5], None, [1.5]]})
    assert content_of(rows) == content_of(rows.reverse()) == content_of(pl.concat([rows[:1], rows[1:]]))
    assert len({content_of(rows), content_of(rows[:2]), content_of(rows.with_columns(a=pl.lit("x")))}) == 3
    twice = pl.concat([rows, rows])
    assert content_of(twice) != content_of(rows)
    assert content_of(pl.DataFrame({"a": [None]}, schema={"a": pl.String})) != content_of(pl.DataFrame({"a": [""]}))
