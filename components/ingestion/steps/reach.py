"""The partitions in reach of a day, which are all that its result depends on.

The reach is 30 days and the longest window back, and the longest window ahead.

A label needs the interactions of the window after its impression. History needs the impressions of the last 30 days and
the interactions since then. Each of these interactions may belong to an impression up to a window before it, so these
impressions are in reach too. A stream is known at its end, so an earlier partition is also in reach if one of its
streams ended within the 30 days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from components.ingestion.compute.buckets import DAYS_AT_ONCE
from components.ingestion.compute.coverage import Coverage
from components.ingestion.steps.clean import CleanDay
from components.ingestion.steps.users import EventDay
from logs.times import DAY_US, HISTORY_DAYS, day_number


@dataclass(frozen=True)
class EventDays:
    """The days of impressions or interactions, with their duplicates.

    Attributes:
        days: in order.
        duplicates: file of the places of later duplicates by day, for days that have some.
        contents: the content of the duplicates by day, for days that have some.
    """

    days: Sequence[CleanDay]
    duplicates: Mapping[date, str] = field(default_factory=dict)
    contents: Mapping[date, str] = field(default_factory=dict)

    @cached_property
    def dates(self) -> list[date]:
        """The days' dates."""
        return [day.day for day in self.days if day.day]

    def between(self, first: date, last: date) -> list[CleanDay]:
        """The days from `first` to `last`."""
        return list(self.days[bisect_left(self.dates, first) : bisect_right(self.dates, last)])

    def key(self, day: CleanDay) -> tuple[str, str]:
        """A name for the content of a day and its duplicates."""
        return day.key, self.contents.get(day.day, "") if day.day else ""

    def files(self, days: Iterable[CleanDay]) -> tuple[EventDay, ...]:
        """References to the rows of `days`, or of any day."""
        return tuple(
            EventDay(day.paths("by_user"), self.duplicates.get(day.day) if day.day else None)
            for day in self.or_any(days)
        )

    def or_any(self, days: Iterable[CleanDay]) -> Sequence[CleanDay]:
        """`days`, or any day if there is none: a reader needs the columns of one day, and ignores its rows."""
        return list(days) or self.days[:1]


@dataclass(frozen=True)
class Reach:
    """The partitions that some days of impressions depend on.

    Attributes:
        impressions, interactions: in order of their days.
        streams_on: days of interactions on or before the last of these days, whose streams history looks at.
    """

    impressions: list[CleanDay]
    interactions: list[CleanDay]
    streams_on: list[date]


def reach_of(first: date, last: date, impressions: EventDays, interactions: EventDays, window_days: int) -> Reach:
    """The reach of the days of impressions from `first` to `last`; `window_days` is the longest window, rounded up."""
    window, history = timedelta(window_days), timedelta(HISTORY_DAYS)
    begin, end = first - history - window, last + window
    known = set(range(day_number(first - history), day_number(last) + 1))
    early = interactions.days[: len(interactions.days) - len(interactions.between(begin, date.max))]
    acts = [*(day for day in early if day.known_later & known), *interactions.between(begin, end)]
    streams_on = [day.day for day in acts if day.day and day.day <= last]
    return Reach(impressions.between(begin, end), acts, streams_on)


def coverage_in_reach(coverage: Coverage, day: date, window_days: int) -> tuple[int, list[date]]:
    """The end of the logs and the missing days, as far as the fates of impressions of `day` depend on them."""
    last = day + timedelta(window_days)
    end = min(coverage.end, (day_number(last) + 1) * DAY_US)
    return end, [missing for missing in coverage.missing if day <= missing <= last]


def groups_of(days: Iterable[date]) -> list[list[date]]:
    """`days` in groups that span at most `DAYS_AT_ONCE` days, which bounds the memory of a group."""
    groups: list[list[date]] = []
    for day in sorted(days):
        if groups and day < groups[-1][0] + timedelta(DAYS_AT_ONCE):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups
