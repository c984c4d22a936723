"""Listening hours and stream tiers (docs/data.md#stream-tiers)."""

import polars as pl

from logs.times import HOUR_MS


def hours_of(milliseconds: pl.Series) -> pl.Series:
    """Whole milliseconds as hours. NumPy divides them: Polars' reciprocal puts 3,600,000 ms below one hour."""
    return pl.Series(milliseconds.to_numpy() / HOUR_MS)


def tier(hours: pl.Expr, boundaries: tuple[float, ...]) -> pl.Expr:
    """Number of `boundaries` that `hours` are below: 0 is the tier of the shows listened to most."""
    return pl.sum_horizontal([(hours < boundary).cast(pl.Int64) for boundary in boundaries])
