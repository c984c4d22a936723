"""What raw logs show about their world, in Polars: for pictures and for choosing tier boundaries.

Reads any logs of the contract, simulated or not, without removing bad rows. It is a view for people; labels are made
by ingestion.
"""

from pathlib import Path

import polars as pl

from components.ingestion.compute.show_days import hours_of, tier
from components.ingestion.config import IngestionConfig
from logs.schema import TABLES, TableName
from logs.times import HISTORY_DAYS, HOUR_US
from simulation.config import SimulationError
from transforms.labels import LABELS


def scan(logs: Path, table: TableName) -> pl.LazyFrame:
    """One daily table of the logs: the contract's columns in its types, rows without a timestamp left out.

    Raises:
        SimulationError: the table has no files.
    """
    files = sorted(path for path in (logs / table).glob("date=*/*.parquet") if not path.name.startswith("."))
    if not files:
        raise SimulationError(f"{logs} holds no {table}/date=YYYY-MM-DD/*.parquet: name a folder of raw logs.")
    types = pl.DataFrame(TABLES[table].schema.empty_table()).schema
    columns = [pl.col(name).cast(kind) for name, kind in types.items()]
    # File by file: an extra column, or a narrower integer, may be in some files alone.
    rows = pl.concat([pl.scan_parquet(path, hive_partitioning=False).select(columns) for path in files])
    return rows.filter(pl.col("timestamp").is_not_null())


def show_hours(logs: Path, min_stream_ms: int) -> pl.DataFrame:
    """Listening hours of streams longer than the least by show and day of impressions, over the 30 days before.

    Returns:
        show_id, date, hours, streams; a show without any has no row.
    """
    day = pl.col("timestamp").dt.date().alias("date")
    daily = (
        scan(logs, "interactions")
        .filter((pl.col("kind") == "stream") & (pl.col("listened_ms") > min_stream_ms))
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


def tiers(logs: Path, ingestion: IngestionConfig) -> pl.DataFrame:
    """Impressions with their stream tier: source, date, hours, stream_tier, streams."""
    return (
        scan(logs, "impressions")
        .select("source", "show_id", pl.col("timestamp").dt.date().alias("date"))
        .collect()
        .join(show_hours(logs, ingestion.min_stream_ms), on=["show_id", "date"], how="left")
        .with_columns(pl.col("hours").fill_null(0.0), pl.col("streams").fill_null(0))
        .with_columns(tier(pl.col("hours"), ingestion.tier_boundaries_hours).alias("stream_tier"))
    )


def reactions(logs: Path, min_stream_ms: int) -> pl.DataFrame:
    """Clicks, likes, follows and streams of at least the least length with the impression before them.

    Returns:
        kind, source, impression_id, named (whether the action names its impression), hours (since the impression named;
        where none is, since the latest one of this user and show). Actions without any are left out, and those that
        name one which is not in the logs.
    """
    shown = scan(logs, "impressions").select("impression_id", "source", "user_id", "show_id", "timestamp").collect()
    actions = (
        scan(logs, "interactions")
        .filter(pl.col("kind").is_in(LABELS))
        .filter((pl.col("kind") != "stream") | (pl.col("listened_ms") >= min_stream_ms))
        .select("kind", "user_id", "show_id", "timestamp", named_id="impression_id")
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
    columns = ("kind", "source", "impression_id", "timestamp", "shown_at")
    both = pl.concat(
        [
            by_name.rename({"named_id": "impression_id"}).select(*columns, named=True),
            others.select(*columns, named=False),
        ]
    )
    hours = (pl.col("timestamp") - pl.col("shown_at")).dt.total_microseconds() / HOUR_US
    return both.select("kind", "source", "impression_id", "named", hours=hours)


def base_rates(logs: Path, ingestion: IngestionConfig) -> pl.DataFrame:
    """Share of impressions followed by each kind within its window: source, kind, impressions, positives, rate."""
    windows = ingestion.windows_hours.model_dump()
    impressions = scan(logs, "impressions").group_by("source").agg(pl.len().alias("impressions")).collect()
    positives = (
        reactions(logs, ingestion.min_stream_ms)
        .filter((pl.col("hours") >= 0) & (pl.col("hours") < pl.col("kind").replace_strict(windows)))
        .group_by("source", "kind")
        .agg(pl.col("impression_id").n_unique().alias("positives"))
    )
    return (
        impressions.join(pl.DataFrame({"kind": LABELS}), how="cross")
        .join(positives, on=["source", "kind"], how="left")
        .with_columns(pl.col("positives").fill_null(0))
        .with_columns(rate=pl.col("positives") / pl.col("impressions"))
        .sort("source", pl.col("kind").replace_strict(LABELS, range(len(LABELS))), descending=[True, False])
    )
