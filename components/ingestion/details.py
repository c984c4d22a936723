"""Ingestion's detailed accounting as the temporal split reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from components.ingestion.accounting import read_accounting

DAY_PREFIX: Final = "day-"
"""Ingestion's Examples have a split a day, named with this before the day."""


@dataclass(frozen=True)
class DayRows:
    """Impressions of one UTC day.

    Attributes:
        labelled: mature impressions by source; a source may be absent.
        immature: impressions whose label cannot be trusted yet; they are in no split.
    """

    labelled: Mapping[str, int]
    immature: int = 0

    @property
    def rows(self) -> int:
        """Labelled impressions of all sources."""
        return sum(self.labelled.values())


def read_days(uri: str) -> dict[date, DayRows]:
    """Labelled impressions by source, and immature ones, of each day that has a partition of impressions.

    Args:
        uri: of an Accounting artifact.
    """
    days = read_accounting(uri).days
    return {date.fromisoformat(day): DayRows(count.labelled, count.immature) for day, count in days.items()}
