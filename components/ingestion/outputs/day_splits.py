"""How the splits of ingestion's Examples are named: one a day of impressions."""

from datetime import date


def split_of_day(day: date) -> str:
    """The split of a day: `day-YYYY-MM-DD`."""
    return f"day-{day.isoformat()}"
