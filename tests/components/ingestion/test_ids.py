"""The distinct ids of many tables, within the memory of a few."""

import weakref
from collections.abc import Iterator

import pyarrow as pa

from components.ingestion.outputs.ids import distinct_ids, united_ids


def ids_of(table: pa.Table) -> list[tuple[str, str]]:
    return [(row["column"], row["id"]) for row in table.to_pylist()]


def test_ids_of_several_tables_are_united() -> None:
    days = [{"show_id": ["a", "b"]}, {"show_id": ["b"], "campaign_id": ["b"]}, {"show_id": ["c"]}]
    united = united_ids(distinct_ids(pa.table(day)) for day in days)
    assert ids_of(united) == [("show_id", "a"), ("show_id", "b"), ("show_id", "c"), ("campaign_id", "b")]
    assert ids_of(united_ids([])) == []


def test_an_empty_id_is_none() -> None:
    rows = pa.table({"show_id": ["a", ""], "creative_id": ["", None]})
    assert ids_of(distinct_ids(rows)) == [("show_id", "a")]


def test_only_a_few_tables_are_in_memory_at_once() -> None:
    alive: list[weakref.ref] = []
    most = 0

    def days() -> Iterator[pa.Table]:
        nonlocal most
        for _ in range(50):
            most = max(most, sum(day() is not None for day in alive))
            day = distinct_ids(pa.table({"show_id": [f"s{show}" for show in range(100)]}))
            alive.append(weakref.ref(day))
            yield day

    assert united_ids(days()).num_rows == 100
    assert most <= 2
