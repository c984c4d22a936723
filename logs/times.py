"""Units of time, days as numbers, and the length of history (docs/data.md)."""

from datetime import date

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
HOUR_US = HOUR_MS * 1000
DAY_US = 24 * HOUR_US

HISTORY_DAYS = 30
"""Days that history features and stream tiers look back."""

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days
