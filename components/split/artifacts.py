"""The custom properties of Examples that say which rows they hold, whenever and by whatever run they were made."""

import hashlib
from collections.abc import Sequence
from datetime import date

LOGS = "logs"
"""On ingestion's Examples: the fingerprint of the logs."""

TRAINED_ROWS = "trained_rows"
"""On TemporalSplit's Examples: the content of the logs and the days of the training split, as a hash."""


def trained_rows(logs: str, days: Sequence[date]) -> str:
    """The value of `TRAINED_ROWS`, from the value of `LOGS` and the days of the training split."""
    return hashlib.sha256("\n".join((logs, *map(str, days))).encode()).hexdigest()
