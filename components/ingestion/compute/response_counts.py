"""How often something was shown and answered, counted for response history (docs/data.md#response-history).

Counts of an entity are columns of int32: for each source of the domain the number of impressions `shown`, then the
number of them with a response of each kind. `CountColumns` says which column holds what.

A response that is known at r, of an impression at j, counts at t if r < t and j >= t - 30 days. So it enters at r and
leaves 30 days after j; one that is known only when it leaves never counts.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from components.ingestion.compute.event_windows import WINDOW_US, EventWindows
from components.ingestion.compute.responses import Responses
from components.ingestion.compute.timeline import Timeline, Window
from logs.times import DAY_US, HISTORY_DAYS
from transforms.domain import Domain

Index = TypeVar("Index", int, np.ndarray)


@dataclass(frozen=True)
class CountColumns:
    """The layout of the columns of counts.

    Attributes:
        sources: the number of sources.
        kinds: the number of kinds of responses.
    """

    sources: int
    kinds: int

    @classmethod
    def of(cls, domain: Domain) -> "CountColumns":
        """The columns for the sources and kinds of the domain."""
        return cls(len(domain.sources), len(domain.response_kinds))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, by number, since the name of a source or kind could be that of another column."""
        return tuple(f"count{column}" for column in range(self.sources * (1 + self.kinds)))

    def shown(self, source: Index) -> Index:
        """The column of impressions of a source (an index), or of each source of an array."""
        return source * (1 + self.kinds)

    def responded(self, source: Index, kind: Index) -> Index:
        """The column of responses of a kind (an index) to impressions of a source."""
        return self.shown(source) + 1 + kind

    def one_hot(self, column: np.ndarray) -> np.ndarray:
        """int32 [n, columns], 1 in the named column of each row."""
        ones = np.zeros((len(column), len(self.names)), np.int32)
        ones[np.arange(len(column)), column] = 1
        return ones


def counts_of_user(
    windows: EventWindows,
    key: np.ndarray,
    shown: Window,
    source: np.ndarray,
    responses: Responses,
    columns: CountColumns,
) -> np.ndarray:
    """The counts of an entity of the user's own, exact up to each wanted impression.

    Args:
        windows: of the impressions.
        key: int64 per impression: the user, or the user with something else.
        shown: the windows of impressions with the same key.
        source: int64 per impression, an index of the domain's sources.
        responses: of the impressions.
        columns: the columns.

    Returns:
        int32 [wanted, columns].
    """
    impressions = shown.total(columns.one_hot(columns.shown(source)))
    began = windows.shown_at[responses.impression]
    kept = responses.known < began + WINDOW_US
    at, known, began = responses.impression[kept], responses.known[kept], began[kept]
    ones = columns.one_hot(columns.responded(source[at], responses.kind[kept]))
    wanted = key[windows.wanted]
    entering = Timeline(windows.clock, key[at], windows.clock.tick(known))
    leaving = Timeline(windows.clock, key[at], windows.clock.tick(began))
    entered = entering.running(ones)[entering.before(wanted, windows.now)]
    left = leaving.running(ones)[leaving.before(wanted, windows.start)]
    return impressions + entered - left


def count_changes(
    key: np.ndarray, timestamp: np.ndarray, source: np.ndarray, responses: Responses, columns: CountColumns
) -> pl.DataFrame:
    """Changes of the counts of every key on each day, by whole days: they add up over buckets of users.

    An impression of day j counts on the days j + 1 to j + 30. Its response, known on day r, counts on r + 1 to j + 30.

    Args:
        key: int64 per impression, -1 where it has none.
        timestamp: int64 microseconds per impression.
        source: int64 per impression, an index of the domain's sources.
        responses: of the impressions.
        columns: the columns.

    Returns:
        key, day (int64 day number that the change counts from), and the columns of counts, one row a key and day.
    """
    began = timestamp // DAY_US
    shown = pl.DataFrame({"key": key, "column": columns.shown(source), "begin": began + 1, "end": began + 1})
    shown = shown.with_columns(pl.col("end") + HISTORY_DAYS)
    at = responses.impression
    responded = pl.DataFrame(
        {
            "key": key[at],
            "column": columns.responded(source[at], responses.kind),
            "begin": responses.known // DAY_US + 1,
            "end": began[at] + 1 + HISTORY_DAYS,
        }
    ).filter(pl.col("begin") < pl.col("end"))
    spans = pl.concat([shown, responded]).filter(pl.col("key") >= 0)
    spans = spans.group_by("key", "column", "begin", "end").len()
    changes = pl.concat(
        [
            spans.select("key", "column", day="begin", change=pl.col("len").cast(pl.Int32)),
            spans.select("key", "column", day="end", change=-pl.col("len").cast(pl.Int32)),
        ]
    )
    column, change = pl.col("column"), pl.col("change")
    return changes.group_by("key", "day").agg(
        change.filter(column == number).sum().alias(name) for number, name in enumerate(columns.names)
    )


def sum_counts(parts: list[pl.DataFrame], by: str, columns: CountColumns) -> pl.DataFrame:
    """The counts of all `parts` summed by the column `by`; keys without any count are left out."""
    summed = pl.concat(parts).group_by(by).agg(pl.col(columns.names).sum())
    return summed.filter(pl.any_horizontal(pl.col(columns.names) != 0))
