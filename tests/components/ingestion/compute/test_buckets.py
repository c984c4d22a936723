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
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 640)
    tables = {"impressions": chunks(*rows), "interactions": [], "users": []}
    assert buckets_for(tables, 1) == expected
    assert buckets_for(tables | {"impressions": chunks(*rows, *rows, *rows)}, 1) == expected


def test_events_count_on_all_days_in_reach_and_users_once_and_there_is_a_limit(monkeypatch):
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 640)
    tables = {name: chunks(5, 2, table=name) for name in ("impressions", "interactions")} | {"users": []}
    assert buckets_for(tables, 1) == 1, "10 rows on each of 32 + 30 + 2 days"
    assert buckets_for(tables, 2) == 2, "10 rows on each of 66 days"
    assert buckets_for(tables, 34) == 4, "10 rows on each of 130 days: 1,300, more than twice 640"
    assert buckets_for(tables | {"users": chunks(640, 640)}, 1) == 2, "one state of 640 users more"
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 1)
    assert buckets_for(tables | {"users": chunks(10**9)}, 1) == MOST_BUCKETS


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
