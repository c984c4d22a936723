"""User actions as columns, which are held back until their day and then put in order."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from logs.times import DAY_US
from simulation.arrays import Ints, Rows
from simulation.names import KINDS

STREAM, CLICK, LIKE, FOLLOW, SEARCH = range(len(KINDS))
"""Codes of the kinds, in the order of KINDS."""

NONE = -1
"""Stands for null in every column."""


@dataclass(frozen=True)
class Events(Rows):
    """User actions, one a row; every column int64 [n], NONE for null.

    Attributes:
        time_us: microseconds since the start of day 0.
        user, show, episode: indices.
        kind: code of the kind.
        listened_ms: streams only.
        impression: number of the impression that the action names.
    """

    time_us: Ints
    user: Ints
    show: Ints
    episode: Ints
    kind: Ints
    listened_ms: Ints
    impression: Ints


def events(
    kind: int,
    time_us: Ints,
    user: Ints,
    show: Ints,
    episode: Ints | int = NONE,
    listened_ms: Ints | int = NONE,
    impression: Ints | int = NONE,
) -> Events:
    """Events of one kind; single values are repeated."""
    columns = (time_us, user, show, episode, kind, listened_ms, impression)
    return Events(*(np.broadcast_to(column, (len(time_us),)).astype(np.int64) for column in columns))


def concat(parts: Iterable[Events]) -> Events:
    """All rows of all parts, in order."""
    kept = list(parts)
    return Events(*(np.concatenate([getattr(part, field.name) for part in kept]) for field in fields(Events)))


def of_day(held: Events, day: int) -> tuple[Events, Events]:
    """Splits into the events of `day`, in the order of time, and later events. There must be no earlier events."""
    due = held.time_us < (day + 1) * DAY_US
    now = held.take(due)
    return now.take(np.argsort(now.time_us, kind="stable")), held.take(~due)


def nothing() -> Events:
    """No events."""
    return Events(*(np.zeros(0, np.int64) for _ in fields(Events)))
