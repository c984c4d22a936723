"""Units of time, days as numbers, and the length of history (docs/data.md)."""

from datetime import date, timedelta

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

HISTORY_DAYS = 30
"""Days that history features and stream tiers look back."""

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def whole_days(microseconds: int) -> int:
    """A length of time in days, rounded up."""
    return -(-microseconds // DAY_US)


def date_of(number: int) -> date:
    """The day with this `day_number`."""
    return _EPOCH + timedelta(number)
