"""The accounting, added up from the results of the steps."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from components.ingestion.compute.attribution import OUTCOMES
from components.ingestion.compute.coverage import Coverage
from components.ingestion.outputs.accounting import Accounting, DayCount, TableCount
from components.ingestion.outputs.quarantine import REASONS
from components.ingestion.steps.days import DayRows
from components.ingestion.steps.duplicates import DuplicateRows
from components.ingestion.steps.read import CleanRows
from components.ingestion.steps.users import JoinedUsers
from logs.opening import Logs


def tally(
    logs: Logs,
    clean: Mapping[str, list[CleanRows]],
    duplicates: Mapping[str, list[DuplicateRows]],
    snapshots: Mapping[str, int],
    joined: list[JoinedUsers],
    labelled: list[DayRows],
    coverage: Coverage,
) -> Accounting:
    """Adds up the results of reading, of finding duplicates, of joining users, and of labelling days.

    Args:
        logs: the logs that were read.
        clean: by table, in the order of the table's chunks.
        duplicates: by table.
        snapshots: duplicate rows of shows and of episodes.
        joined: by bucket of users.
        labelled: in the order of the impression days.
        coverage: the days of interactions.
    """
    repeated = {
        **{table: sum(_sum(result.by_chunk for result in results).values()) for table, results in duplicates.items()},
        **snapshots,
        "users": sum(result.duplicate_users for result in joined),
    }
    tables = {
        table: TableCount(
            rows=sum(result.rows for result in results),
            quarantined=_all_of(REASONS, _sum(result.quarantined for result in results)),
            duplicate=repeated[table],
        )
        for table, results in clean.items()
    }
    outcomes = _all_of(OUTCOMES, _sum(result.outcomes for result in joined))
    days = _by_day(logs, clean["impressions"], duplicates["impressions"], joined, labelled)
    return Accounting(tables, outcomes, days, coverage.end, tuple(map(str, coverage.missing)))


def _by_day(
    logs: Logs,
    clean: list[CleanRows],
    duplicates: list[DuplicateRows],
    joined: list[JoinedUsers],
    labelled: list[DayRows],
) -> dict[str, DayCount]:
    rows: Counter[date | None] = Counter()
    quarantined: Counter[date | None] = Counter()
    duplicate: Counter[date | None] = Counter()
    repeated = _sum(result.by_chunk for result in duplicates)
    for chunk, result in zip(logs.chunks["impressions"], clean, strict=True):
        rows[chunk.day] += result.rows
        quarantined[chunk.day] += sum(result.quarantined.values())
        duplicate[chunk.day] += repeated[chunk.number]
    immature = _sum(result.immature for result in joined)
    unobserved = _sum(result.unobserved for result in joined)
    return {
        day.isoformat(): DayCount(
            rows[day], quarantined[day], duplicate[day], immature[day], result.by_source, unobserved[day]
        )
        for day, result in zip(logs.days("impressions"), labelled, strict=True)
    }


def _sum(counts: Iterable[Mapping]) -> Counter:
    total: Counter = Counter()
    for counter in counts:
        total.update(counter)
    return total


def _all_of(names: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in names}
