"""The custom properties of Examples that identify their rows, so that a run recognizes the rows of an earlier one."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

LOGS = "logs"
"""On ingestion's Examples: the fingerprint of the logs."""

TRAINED_ROWS = "trained_rows"
"""On TemporalSplit's Examples: the content of the logs and the days of the training split, as a hash."""

SPLIT_ROWS = "split_rows"
"""On TemporalSplit's Examples: ingestion's artifact and the days of every split, as a hash."""


def split_rows(days_id: int, splits: Mapping[str, Sequence[date]]) -> str:
    """The value of `SPLIT_ROWS`, from the id of ingestion's Examples and the days of each split."""
    lines = (f"{name}: {' '.join(map(str, days))}" for name, days in splits.items())
    return hashlib.sha256("\n".join((str(days_id), *lines)).encode()).hexdigest()


def trained_rows(logs: str, days: Sequence[date]) -> str:
    """The value of `TRAINED_ROWS`, from the value of `LOGS` and the days of the training split."""
    return hashlib.sha256("\n".join((logs, *map(str, days))).encode()).hexdigest()
