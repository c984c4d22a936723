"""Where every row of the logs went (docs/data.md#accounting)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from pydantic import TypeAdapter

from files.storage import read_json, write_json
from logs.errors import LogError

ACCOUNTING, DETAIL = "accounting.json", "detail.json"


@dataclass(frozen=True)
class TableCount:
    """Rows of one table: all, quarantined by reason, and duplicates.

    `days` has the quarantined rows by day (ISO) and reason; days without any are left out.
    """

    rows: int
    quarantined: dict[str, int]
    duplicate: int
    days: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def quarantined_rows(self) -> int:
        """Quarantined rows of all reasons."""
        return sum(self.quarantined.values())


@dataclass(frozen=True)
class DayCount:
    """Impressions of one day's partition; `labelled` by source."""

    rows: int
    quarantined: int
    duplicate: int
    immature: int
    labelled: dict[str, int]
    unobserved: int = 0

    @property
    def labelled_rows(self) -> int:
        """Labelled impressions of all sources."""
        return sum(self.labelled.values())

    @property
    def all_mature(self) -> bool:
        """Whether the day has labelled impressions and no immature one; unobserved ones are mature."""
        return self.immature == 0 and self.labelled_rows > 0


@dataclass(frozen=True)
class Accounting:
    """Where all rows went.

    Attributes:
        tables: rows by table.
        outcomes: interactions by outcome of attribution.
        days: impressions by day (ISO), in the days' order.
        end: end of the logs, the first microsecond after the last day of interactions.
        missing_days: days (ISO) between the first and the last of interactions that have no partition.
    """

    tables: dict[str, TableCount]
    outcomes: dict[str, int]
    days: dict[str, DayCount]
    end: int
    missing_days: tuple[str, ...] = ()

    def summary(self) -> dict[str, dict[str, int]]:
        """The content of accounting.json: in each of the two tables `in` is the sum of the others."""
        impressions, interactions = self.tables["impressions"], self.tables["interactions"]
        return {
            "impressions": {
                "in": impressions.rows,
                "labelled": sum(day.labelled_rows for day in self.days.values()),
                "immature": sum(day.immature for day in self.days.values()),
                "unobserved": sum(day.unobserved for day in self.days.values()),
                "quarantined": impressions.quarantined_rows,
                "duplicate": impressions.duplicate,
            },
            "interactions": {
                "in": interactions.rows,
                **self.outcomes,
                "quarantined": interactions.quarantined_rows,
                "duplicate": interactions.duplicate,
            },
        }

    def check(self) -> None:
        """Raises LogError if the rows do not add up, for example because files changed while they were read."""
        for table, counts in self.summary().items():
            rows, *parts = counts.values()
            if rows != sum(parts):
                raise LogError(
                    f"the rows of {table} do not add up ({counts}), probably because files changed while they were "
                    "read; run again when nothing writes to the logs"
                )


def last_mature_day(days: Mapping[str, DayCount]) -> date | None:
    """The last of `days` (ISO) with labelled impressions and no immature one: days are counted back from it."""
    mature = [day for day, count in days.items() if count.all_mature]
    return date.fromisoformat(max(mature)) if mature else None


def quarantine_excess(tables: Mapping[str, TableCount], max_fraction: float) -> str | None:
    """Names each table with more than `max_fraction` of its rows in quarantine; None if there is none."""
    problems = []
    for table, count in tables.items():
        if count.rows and count.quarantined_rows / count.rows > max_fraction:
            reasons = ", ".join(f"{number} {reason}" for reason, number in count.quarantined.items() if number)
            share = _percent(count.quarantined_rows / count.rows)
            problems.append(f"{count.quarantined_rows} of {count.rows} {table} ({share}) are quarantined ({reasons})")
    if not problems:
        return None
    return f"{'; '.join(problems)}: more than ingestion.max_quarantined_fraction = {_percent(max_fraction)} of a table"


def _percent(share: float) -> str:
    """Four digits, so that a share just above a limit does not read like the limit."""
    return f"{100 * share:.4g} %"


def quarantine_problem(accounting: Accounting, max_fraction: float) -> str | None:
    """One sentence about each table with too many quarantined rows, with advice; None if there is none."""
    excess = quarantine_excess(accounting.tables, max_fraction)
    return f"{excess}; look at the quarantine, then fix the logs or raise the fraction" if excess else None


def write_accounting(accounting: Accounting, folder: str) -> None:
    """Writes accounting.json, the sums, and detail.json, everything, into `folder`."""
    write_json(f"{folder}/{DETAIL}", asdict(accounting) | {"last_mature_day": _iso(last_mature_day(accounting.days))})
    write_json(f"{folder}/{ACCOUNTING}", accounting.summary())


def read_accounting(folder: str) -> Accounting:
    """Reads the accounting that `write_accounting` wrote into `folder`."""
    return TypeAdapter(Accounting).validate_python(read_json(f"{folder}/{DETAIL}"))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
