"""Figures of raw logs for people, in Polars: for pictures and for choosing tier boundaries.

Reads any logs of the contract, simulated or not, and keeps bad rows. Only ingestion makes labels.
"""

from pathlib import Path

import polars as pl

from logs.errors import LogError
from logs.schema import TABLES, TableName
from logs.tiers import hours_of, tier
from logs.times import HISTORY_DAYS, HOUR_US
from transforms.domain import STREAM, Domain


def scan(logs: Path, table: TableName) -> pl.LazyFrame:
    """One daily table of the logs: the contract's columns in its types, without rows that lack a timestamp.

    Raises:
        LogError: the table has no files.
    """
    files = sorted(path for path in (logs / table).glob("date=*/*.parquet") if not path.name.startswith("."))
    if not files:
        raise LogError(f"{logs} holds no {table}/date=YYYY-MM-DD/*.parquet: name a folder of raw logs.")
    types = pl.DataFrame(TABLES[table].schema.empty_table()).schema
    columns = [pl.col(name).cast(kind) for name, kind in types.items()]
    # File by file, because some files may have an extra column or a narrower integer.
    rows = pl.concat([pl.scan_parquet(path, hive_partitioning=False).select(columns) for path in files])
    return rows.filter(pl.col("timestamp").is_not_null())


def show_hours(logs: Path, min_stream_ms: int) -> pl.DataFrame:
    """Listening hours by show and day of impressions, over the 30 days before, in streams longer than `min_stream_ms`.

    Returns:
        show_id, date, hours, streams; a show without streams has no row.
    """
    day = pl.col("timestamp").dt.date().alias("date")
    daily = (
        scan(logs, "interactions")
        .filter((pl.col("kind") == STREAM) & (pl.col("listened_ms") > min_stream_ms))
        .group_by("show_id", day)
        .agg(pl.col("listened_ms").sum(), pl.len().alias("streams"))
        .collect()
    )
    days = scan(logs, "impressions").select(day.unique()).collect().sort("date")["date"]
    parts = [
        daily.filter(pl.col("date").is_between(date - pl.duration(days=HISTORY_DAYS), date - pl.duration(days=1)))
        .group_by("show_id")
        .agg(pl.col("listened_ms").sum(), pl.col("streams").sum())
        .with_columns(pl.lit(date).alias("date"))
        for date in days
    ]
    together = pl.concat(parts)
    return together.select("show_id", "date", hours_of(together["listened_ms"]).alias("hours"), "streams")


def tiers(logs: Path, min_stream_ms: int, boundaries_hours: tuple[float, ...]) -> pl.DataFrame:
    """Impressions with their stream tier: source, date, hours, stream_tier, streams."""
    return (
        scan(logs, "impressions")
        .select("source", "show_id", pl.col("timestamp").dt.date().alias("date"))
        .collect()
        .join(show_hours(logs, min_stream_ms), on=["show_id", "date"], how="left")
        .with_columns(pl.col("hours").fill_null(0.0), pl.col("streams").fill_null(0))
        .with_columns(
            pl.col("hours")
            .map_batches(lambda hours: pl.Series(tier(hours.to_numpy(), boundaries_hours)), pl.Int64)
            .alias("stream_tier")
        )
    )


def reactions(logs: Path, domain: Domain) -> pl.DataFrame:
    """Interactions that at least one label accepts, with the impression before them.

    Returns:
        kind, source, impression_id, named (whether the interaction names its impression), listened_ms, hours (since
        the impression that it names, else since the latest one of this user and show). An interaction is left out if
        it has no such impression, or names one that is not in the logs.
    """
    shortest_ms = min(label.min_stream_ms for label in domain.labels.values() if label.kind == STREAM)
    shown = scan(logs, "impressions").select("impression_id", "source", "user_id", "show_id", "timestamp").collect()
    actions = (
        scan(logs, "interactions")
        .filter(pl.col("kind").is_in(list(domain.windows_us)))
        .filter((pl.col("kind") != STREAM) | (pl.col("listened_ms") >= shortest_ms))
        .select("kind", "user_id", "show_id", "timestamp", "listened_ms", named_id="impression_id")
        .collect()
    )
    by_name = actions.filter(pl.col("named_id").is_not_null()).join(
        shown.select("impression_id", "source", shown_at="timestamp"), left_on="named_id", right_on="impression_id"
    )
    others = (
        actions.filter(pl.col("named_id").is_null())
        .sort("timestamp")
        .join_asof(
            shown.with_columns(shown_at="timestamp").sort("timestamp"),
            on="timestamp",
            by=["user_id", "show_id"],
            strategy="backward",
            check_sortedness=False,
        )
        .filter(pl.col("shown_at").is_not_null())
    )
    columns = ("kind", "source", "impression_id", "timestamp", "shown_at", "listened_ms")
    both = pl.concat(
        [
            by_name.rename({"named_id": "impression_id"}).select(*columns, named=True),
            others.select(*columns, named=False),
        ]
    )
    hours = (pl.col("timestamp") - pl.col("shown_at")).dt.total_microseconds() / HOUR_US
    return both.select("kind", "source", "impression_id", "named", "listened_ms", hours=hours)


def base_rates(logs: Path, domain: Domain) -> pl.DataFrame:
    """Share of impressions whose label is 1 by these counts: source, label, impressions, positives, rate.

    The order is that of the domain. A source without impressions has no rows.
    """
    acted = reactions(logs, domain).filter(pl.col("hours") >= 0)
    positives = pl.concat(
        acted.filter(
            (pl.col("kind") == label.kind)
            & (pl.col("hours") < label.window_hours)
            & ((pl.col("kind") != STREAM) | (pl.col("listened_ms") >= label.min_stream_ms))
        )
        .group_by("source")
        .agg(pl.col("impression_id").n_unique().alias("positives"))
        .with_columns(label=pl.lit(name))
        for name, label in domain.labels.items()
    )
    impressions = scan(logs, "impressions").group_by("source").agg(pl.len().alias("impressions")).collect()
    return (
        pl.DataFrame({"source": domain.sources}, schema={"source": pl.String})
        .join(impressions, on="source", maintain_order="left")
        .join(pl.DataFrame({"label": list(domain.labels)}), how="cross", maintain_order="left_right")
        .join(positives, on=["source", "label"], how="left", maintain_order="left")
        .with_columns(pl.col("positives").fill_null(0))
        .with_columns(rate=pl.col("positives") / pl.col("impressions"))
    )
