"""Ingestion's detailed accounting as the temporal split reads it."""

from datetime import date

from components.ingestion.accounting import read_accounting
from components.split.days import DayRows


def read_days(uri: str) -> dict[date, DayRows]:
    """Labelled impressions by source, and immature ones, of each day that has a partition of impressions.

    Args:
        uri: of an Accounting artifact.
    """
    days = read_accounting(uri).days
    return {date.fromisoformat(day): DayRows(count.labelled, count.immature) for day, count in days.items()}
