"""Sums of events before an impression as plain Polars: cumulative sums and as-of joins."""

from typing import Literal

import polars as pl

_STARTS = {
    "week": pl.col("timestamp") - pl.duration(days=7),
    "month": pl.col("timestamp") - pl.duration(days=30),
    "midnight": pl.col("timestamp").dt.truncate("1d"),
}


def within(
    shown: pl.DataFrame,
    events: pl.DataFrame,
    by: list[str],
    sums: list[str],
    window: Literal["week", "month", "midnight"],
) -> pl.DataFrame:
    """Sums of events (by, known, sums) from the start of the window to the impression, by impression_id."""
    questions = shown.select("impression_id", *by, now="timestamp", start=_STARTS[window]).sort("now")
    ends = before(questions, events, by, sums, "known", "now")
    starts = before(questions, events, by, sums, "known", "start")
    return questions.select("impression_id", *((ends[name] - starts[name]) for name in sums))


def before(
    questions: pl.DataFrame, events: pl.DataFrame, by: list[str], sums: list[str], at: str, until: str
) -> pl.DataFrame:
    """Sums of the events of the same `by` whose time `at` is strictly before `until`; one row for each question."""
    running = events.sort(at).select(*by, at, *(pl.col(name).cum_sum().over(by) for name in sums))
    running = running.unique([*by, at], keep="last", maintain_order=True).rename({at: "at"})
    joined = questions.join_asof(
        running, left_on=until, right_on="at", by=by, allow_exact_matches=False, check_sortedness=False
    )
    return joined.select(pl.col(name).fill_null(0) for name in sums)
