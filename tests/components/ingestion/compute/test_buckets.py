"""Buckets of users, which files that are kept depend on."""

from datetime import date

import polars as pl
import pytest

from components.ingestion.compute import buckets
from components.ingestion.compute.buckets import MOST_BUCKETS, bucket_of, buckets_for, hash_of
from logs.chunks import Chunk


def chunks(*rows: int, table: str = "impressions") -> list[Chunk]:
    """A chunk of so many rows on each day."""
    return [Chunk(table, date(2026, 1, 1 + day), 0, (), count) for day, count in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "expected"), [((0,), 1), ((1,), 1), ((10,), 1), ((11,), 2), ((21,), 4), ((40,), 4), ((41, 41), 8)]
)
def test_the_largest_day_decides_and_not_the_length_of_the_logs(rows, expected, monkeypatch):
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 320)
    tables = {"impressions": chunks(*rows), "interactions": [], "users": []}
    assert buckets_for(tables) == expected
    assert buckets_for(tables | {"impressions": chunks(*rows, *rows, *rows)}) == expected


def test_all_tables_of_a_day_count_and_there_is_a_limit(monkeypatch):
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 320)
    tables = {name: chunks(10, 5, table=name) for name in ("impressions", "interactions", "users")}
    assert buckets_for(tables) == 4
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 1)
    assert buckets_for(tables | {"users": chunks(10**9)}) == MOST_BUCKETS


def test_hashes_are_the_same_on_every_machine_and_for_a_part_of_a_series():
    names = pl.Series(["a", "ab", "", "größer", "a"])
    hashes = hash_of(names)
    assert hashes[0] == hashes[4]
    assert len(set(hashes.tolist())) == 4
    assert hashes[0] == (98 * 0x100000001B3 * 0x9E3779B97F4A7C15) % 2**64
    assert (hash_of(names[1:4]) == hashes[1:4]).all()
    assert hash_of(names.clear()).tolist() == []
    assert bucket_of(names, 1).tolist() == [0] * 5
    assert set(bucket_of(pl.Series([f"u{number}" for number in range(200)]), 4).tolist()) == {0, 1, 2, 3}
