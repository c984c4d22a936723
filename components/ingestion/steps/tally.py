"""The accounting, added up from the results of the steps."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from components.ingestion.compute.attribution import OUTCOMES
from components.ingestion.compute.coverage import Coverage
from components.ingestion.outputs.accounting import Accounting, DayCount, TableCount
from components.ingestion.outputs.quarantine import REASONS
from components.ingestion.steps.clean import CleanDay
from components.ingestion.steps.day_results import DayResults


def tally(
    clean: Mapping[str, list[CleanDay]],
    repeated: Mapping[str, int],
    repeated_on: Mapping[date, int],
    results: DayResults,
    coverage: Coverage,
) -> Accounting:
    """Adds up the results of reading, of finding duplicates, and of labelling days.

    Args:
        clean: the partitions that were read, by table.
        repeated: duplicate rows, by table.
        repeated_on: duplicate impressions, by day.
        results: of all days.
        coverage: the days of interactions.
    """
    tables = {
        table: TableCount(
            rows=sum(day.rows for day in days),
            quarantined=_all_of(REASONS, _sum(day.quarantined for day in days)),
            duplicate=repeated[table],
            days={
                day.day.isoformat(): dict(sorted(day.quarantined.items()))
                for day in days
                if day.day and day.quarantined
            },
        )
        for table, days in clean.items()
    }
    outcomes = _all_of(OUTCOMES, _sum(result.by_outcome for result in results.outcomes.values() if result))
    days = {}
    for day in clean["impressions"]:
        result = results.labelled[day.day] if day.day else None
        if day.day and result:
            days[day.day.isoformat()] = DayCount(
                rows=day.rows,
                quarantined=day.quarantined.total(),
                duplicate=repeated_on.get(day.day, 0),
                immature=result.immature,
                labelled=result.labelled,
                unobserved=result.unobserved,
            )
    return Accounting(tables, outcomes, days, coverage.end, tuple(map(str, coverage.missing)))


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counts:
        total.update(counter)
    return total


def _all_of(names: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in names}
