"""Rows that cannot be used, each with one reason (docs/data.md#rows-that-cannot-be-used)."""

from datetime import date

import polars as pl

from logs.schema import Table
from logs.times import DAY_US, day_number
from transforms.domain import SEARCH, STREAM, Domain

REASONS = ("null_key", "unknown_source", "unknown_kind", "negative_value", "missing_listened_ms", "wrong_day")


def reason(table: Table, day: date | None, domain: Domain) -> pl.Expr:
    """The first of `REASONS` that holds for a row of `table` in the partition of `day`, null for a good row.

    Columns are the table's, with `timestamp` as int64 microseconds and empty ids as nulls.
    """
    tests = {
        "null_key": _null_key(table),
        "unknown_source": _not_in("source", domain.sources) if table.name == "impressions" else None,
        "unknown_kind": _not_in("kind", domain.kinds) if table.name == "interactions" else None,
        "negative_value": _negative(table),
        "missing_listened_ms": (pl.col("kind") == STREAM) & pl.col("listened_ms").is_null()
        if table.name == "interactions"
        else None,
        "wrong_day": pl.col(table.timestamp).floordiv(DAY_US) != day_number(day) if table.timestamp and day else None,
    }
    chosen = pl.lit(None, pl.String)
    for name in reversed(REASONS):
        test = tests[name]
        if test is not None:
            chosen = pl.when(test).then(pl.lit(name)).otherwise(chosen)
    return chosen


def counts_of(reasons: pl.Series) -> dict[str, int]:
    """Bad rows by reason, from the `reason` of each row."""
    counted = reasons.drop_nulls().value_counts()
    return dict(zip(*counted.to_dict(as_series=False).values(), strict=True))


def _null_key(table: Table) -> pl.Expr:
    nulls = [
        pl.col(key).is_null() & (pl.col("kind").ne_missing(pl.lit(SEARCH)))
        if table.name == "interactions" and key == "show_id"
        else pl.col(key).is_null()
        for key in table.keys
    ]
    return pl.any_horizontal(nulls)


def _not_in(column: str, known: tuple[str, ...]) -> pl.Expr:
    return ~pl.col(column).is_in(known).fill_null(value=False)


def _negative(table: Table) -> pl.Expr | None:
    column = {"impressions": "spend_micros", "interactions": "listened_ms"}.get(table.name)
    return pl.col(column) < 0 if column else None
