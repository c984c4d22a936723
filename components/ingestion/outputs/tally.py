"""The accounting out of what the stages returned."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from components.ingestion.compute.attribution import OUTCOMES
from components.ingestion.outputs.accounting import Accounting, DayCount, TableCount
from components.ingestion.outputs.quarantine import REASONS
from logs.opening import Logs

Results = dict[str, list[dict[str, Any]]]
"""What a stage returned, by table, in the order of the table's work items."""


def tally(
    logs: Logs,
    read: Results,
    duplicates: Results,
    snapshots: Mapping[str, int],
    joined: list[dict[str, Any]],
    labelled: list[dict[str, Any]],
    end: int,
) -> Accounting:
    """Adds up the results of reading, of finding duplicates, of joining users, and of labelling days."""
    repeated = {table: sum(_sum(results, "duplicate").values()) for table, results in duplicates.items()}
    repeated |= {**snapshots, "users": sum(result["duplicate_users"] for result in joined)}
    tables = {
        table: TableCount(
            rows=sum(result["in"] for result in results),
            quarantined=_all_of(REASONS, _sum(results, "quarantined")),
            duplicate=repeated[table],
        )
        for table, results in read.items()
    }
    outcomes = _all_of(OUTCOMES, _sum(joined, "outcomes"))
    return Accounting(tables, outcomes, _by_day(logs, read, duplicates, joined, labelled), end)


def _by_day(
    logs: Logs, read: Results, duplicates: Results, joined: list[dict[str, Any]], labelled: list[dict[str, Any]]
) -> dict[str, DayCount]:
    rows: Counter[date | None] = Counter()
    quarantined: Counter[date | None] = Counter()
    duplicate: Counter[date | None] = Counter()
    repeated = _sum(duplicates["impressions"], "duplicate")
    for chunk, result in zip(logs.chunks["impressions"], read["impressions"], strict=True):
        rows[chunk.day] += result["in"]
        quarantined[chunk.day] += sum(result["quarantined"].values())
        duplicate[chunk.day] += repeated[str(chunk.number)]
    immature = _sum(joined, "immature")
    return {
        day.isoformat(): DayCount(
            rows[day], quarantined[day], duplicate[day], immature[day.isoformat()], result["labelled"]
        )
        for day, result in zip(logs.days("impressions"), labelled, strict=True)
    }


def _sum(results: Iterable[Mapping[str, Any]], key: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for result in results:
        total.update(result[key])
    return total


def _all_of(names: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in names}
