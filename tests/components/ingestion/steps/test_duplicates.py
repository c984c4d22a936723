"""Later duplicates, in parts and with days whose duplicates are known, against a search through all rows."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from components.ingestion.compute import buckets
from components.ingestion.steps import duplicates
from components.ingestion.steps.duplicates import ChunkIds, FindDuplicates, find_duplicates, parts_for, without
from files.storage import read_batch, write_batches, write_numbers

Row = tuple[str, int]
"""The id and the time within the day."""

ROWS = st.lists(st.tuples(st.sampled_from([f"i{number}" for number in range(12)]), st.integers(0, 2)), max_size=6)
DAYS = st.lists(st.lists(ROWS, min_size=1, max_size=2), min_size=1, max_size=4)
"""By day, by chunk."""


def written(days: list[list[list[Row]]], folder: str) -> list[ChunkIds]:
    chunks = []
    for day, of_day in enumerate(days):
        for number, rows in enumerate(of_day):
            ids = [name for name, _ in rows]
            keys = pl.DataFrame(
                {"id": ids, "timestamp": [day * 10 + time for _, time in rows], "row": range(len(rows))},
                schema={"id": pl.String, "timestamp": pl.Int64, "row": pl.UInt32},
            )
            hashes = buckets.hash_of(keys["id"])
            order = np.argsort(hashes, kind="stable")
            base = f"{folder}/{day}-{number}"
            write_numbers(f"{base}.u64", hashes[order])
            write_batches(f"{base}.arrow", [keys[order]])
            chunks.append(ChunkIds(day, number, f"{base}.u64", f"{base}.arrow"))
    return chunks


def expected(days: list[list[list[Row]]]) -> dict[int, set[tuple[int, int]]]:
    """The places (chunk, row) of later duplicates by day, by the words of docs/data.md."""
    rows = [
        (day, time, chunk, row, name)
        for day, of_day in enumerate(days)
        for chunk, of_chunk in enumerate(of_day)
        for row, (name, time) in enumerate(of_chunk)
    ]
    seen: set[str] = set()
    later: dict[int, set[tuple[int, int]]] = {}
    for day, _, chunk, row, name in sorted(rows):
        if name in seen:
            later.setdefault(day, set()).add((chunk, row))
        seen.add(name)
    return later


@given(days=DAYS, parts=st.sampled_from((1, 2, 5)), known=st.integers(0, 4), collide=st.booleans())
def test_only_the_first_row_of_an_id_is_kept(days, parts, known, collide):
    hash_of = buckets.hash_of
    if collide:  # different ids with the same hash are no duplicates
        buckets.hash_of = lambda strings: hash_of(strings) // np.uint64(2**62) * np.uint64(2**62)
    try:
        with tempfile.TemporaryDirectory() as folder:
            chunks = written(days, folder)
            found: dict[int, set[tuple[int, int]]] = {}
            for part in range(parts):
                item = FindDuplicates(
                    "t",
                    part,
                    parts,
                    tuple(chunk for chunk in chunks if chunk.day < known),
                    tuple(chunk for chunk in chunks if chunk.day >= known),
                    folder,
                )
                for day, path in find_duplicates(item).files.items():
                    found.setdefault(day, set()).update(read_batch(path).iter_rows())
    finally:
        buckets.hash_of = hash_of
    assert found == {day: places for day, places in expected(days).items() if day >= known}


def test_rows_lose_the_places_of_a_file(tmp_path: Path):
    path = str(tmp_path / "places.arrow")
    places = pl.DataFrame({"chunk": [0, 1], "row": [1, 0]}, schema={"chunk": pl.UInt32, "row": pl.UInt32})
    write_batches(path, [places])
    rows = pl.DataFrame({"chunk": [0, 0, 1], "row": [0, 1, 0], "name": ["a", "b", "c"]}).cast(
        {"chunk": pl.UInt32, "row": pl.UInt32}
    )
    assert without(rows, path)["name"].to_list() == ["a"]
    assert without(rows, None).equals(rows)


def test_parts_bound_the_rows_of_an_item(monkeypatch):
    monkeypatch.setattr(duplicates, "PART_ROWS", 10)
    assert [parts_for(rows) for rows in (0, 10, 11, 30)] == [1, 1, 2, 3]
