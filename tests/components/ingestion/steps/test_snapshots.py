"""States: the snapshots up to a day, the later over the earlier."""

from pathlib import Path

import polars as pl
import pytest

from components.ingestion.compute.buckets import bucket_of, split_by
from components.ingestion.steps.snapshots import (
    OverlaySnapshots,
    Snapshot,
    SnapshotState,
    overlay_snapshots,
    whole_states,
)
from files.storage import read_all, write_batches


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


def overlay(days: list[tuple[str, ...]], folder: Path, before: str | None = None) -> list[SnapshotState]:
    snapshots = tuple(Snapshot(files, str(folder / f"state-{files[0][-7]}.arrow")) for files in days)
    return whole_states([overlay_snapshots(OverlaySnapshots("show_id", 0, before, snapshots, ("genre",)))])


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


def test_buckets_make_up_the_states_that_one_bucket_has(tmp_path: Path, days):
    expected = overlay(days, tmp_path)
    whole = rows_of(tmp_path / "state-b.arrow")
    for files in days:
        for file in files:
            rows = read_all(file)
            write_batches(file, split_by(rows, bucket_of(rows["show_id"], 4), 4))
    results, parts = [], []
    for bucket in range(4):
        state = str(tmp_path / f"part-{bucket}.arrow")
        snapshots = (Snapshot(days[0], None), Snapshot(days[1], state))
        results.append(overlay_snapshots(OverlaySnapshots("show_id", bucket, None, snapshots, ("genre",))))
        rows = read_all(state)
        assert (bucket_of(rows["show_id"], 4) == bucket).all()
        parts.append(rows)
    assert whole_states(results) == expected
    assert set(pl.concat(parts).iter_rows()) == whole
