"""The labelled table of docs/data.md as one plain Polars job over clean logs without missing days, all in memory.

An engineer who needs the table once would write this: no quarantine, no checks, no accounting, no bound on memory,
and the default sources and labels only. It shares no code with the ingestion component, so it is a yardstick
for its speed and its results.
"""

from functools import reduce
from pathlib import Path

import polars as pl

from benchmarks.plain_response_history import recency, response_history, taste
from benchmarks.plain_windows import within

WINDOW = pl.duration(hours=24)
MONTH = pl.duration(days=30)


def labelled(logs: Path, boundaries: tuple[float, ...], less_streamed_below: int) -> pl.DataFrame:
    """One row an impression that is mature, in order of timestamp and impression_id."""
    shown = _read(logs, "impressions").unique("impression_id", keep="first", maintain_order=True)
    acts = _read(logs, "interactions").unique("interaction_id", keep="first", maintain_order=True)
    end = max((logs / "interactions").iterdir()).name.removeprefix("date=")
    streams = acts.filter(pl.col("kind") == "stream")
    known = acts.with_columns(
        known=pl.col("timestamp")
        + pl.duration(milliseconds=pl.when(pl.col("kind") == "stream").then("listened_ms").otherwise(0))
    )
    shown = shown.with_columns(day=pl.col("timestamp").dt.date()).sort("timestamp", "impression_id")
    belongs = _belongs(shown, known)
    responses = belongs.group_by("impression_id", "kind").agg(pl.col("known").min())
    shows = _snapshots(logs, "shows")
    parts = [
        _labels(shown, belongs),
        _user_history(shown, known),
        _pair_history(shown, known),
        _genre_affinity(shown, known, shows),
        response_history(shown, responses),
        recency(shown, known, responses),
        taste(shown, known, shows),
    ]
    table = reduce(
        lambda left, right: left.join(right, on="impression_id", how="left", maintain_order="left"), parts, shown
    )
    table = _tiers(table, streams, boundaries, less_streamed_below)
    table = _show_history(table, known)
    mature = pl.col("timestamp") + WINDOW <= pl.lit(end).str.to_datetime(
        "%Y-%m-%d", time_unit="us", time_zone="UTC"
    ) + pl.duration(days=1)
    return _profiles(logs, table.filter(mature))


def _read(logs: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(str(logs / table / "date=*" / "*.parquet"), hive_partitioning=False)


def _snapshots(logs: Path, table: str) -> pl.DataFrame:
    """All snapshots with the date of their folder."""
    days = sorted((logs / table).iterdir())
    frames = [
        pl.read_parquet(folder / "*.parquet", hive_partitioning=False).with_columns(
            date=pl.lit(folder.name.removeprefix("date=")).str.to_date()
        )
        for folder in days
    ]
    return pl.concat(frames).unique([f"{table[:-1]}_id", "date"], keep="first", maintain_order=True).sort("date")


def _belongs(shown: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """The qualifying interactions that belong to an impression: kind, impression_id, and when each was known."""
    qualifies = pl.col("kind").is_in(["click", "like", "follow"]) | (
        (pl.col("kind") == "stream") & (pl.col("listened_ms") >= 60_000)
    )
    acts = acts.filter(qualifies).select(
        "interaction_id", "user_id", "show_id", "kind", "timestamp", "known", "impression_id"
    )
    acts = acts.sort("timestamp")
    keys = ["user_id", "show_id"]
    named = shown.select("impression_id", *keys, shown_at="timestamp")
    direct = acts.join(named, on=["impression_id", *keys]).filter(
        (pl.col("shown_at") <= pl.col("timestamp")) & (pl.col("timestamp") < pl.col("shown_at") + WINDOW)
    )
    latest = shown.select(*keys, "timestamp", shown_at="timestamp", touched="impression_id")
    latest = latest.unique([*keys, "timestamp"], keep="last", maintain_order=True)
    rest = acts.join(direct, on="interaction_id", how="anti", maintain_order="left")
    touched = rest.join_asof(latest, on="timestamp", by=keys, check_sortedness=False).filter(
        pl.col("timestamp") < pl.col("shown_at") + WINDOW
    )
    touched = touched.select("kind", "known", impression_id="touched")
    return pl.concat([direct.select("kind", "known", "impression_id"), touched])


def _labels(shown: pl.DataFrame, belongs: pl.DataFrame) -> pl.DataFrame:
    kinds = ("stream", "click", "like", "follow")
    labels = belongs.group_by("impression_id").agg(
        (pl.col("kind") == kind).any().cast(pl.Int64).alias(kind) for kind in kinds
    )
    return (
        shown.select("impression_id")
        .join(labels, on="impression_id", how="left")
        .with_columns(pl.col(kinds).fill_null(0))
    )


def _user_history(shown: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    is_stream, pair = pl.col("kind") == "stream", ["user_id", "show_id"]
    events = known.with_columns(
        user_streams_30d=is_stream.cast(pl.Int64),
        listened=pl.when(is_stream).then("listened_ms").otherwise(0),
        user_follows_30d=(pl.col("kind") == "follow").cast(pl.Int64),
        user_searches_30d=(pl.col("kind") == "search").cast(pl.Int64),
    )
    sums = ["user_streams_30d", "listened", "user_follows_30d", "user_searches_30d"]
    counts = within(shown, events, ["user_id"], sums, "month")
    streams = (
        known.filter(is_stream)
        .sort("known")
        .with_columns(before=pl.col("known").shift(1).over(pair), after=pl.col("known").shift(-1).over(pair))
    )
    comes = streams.filter(pl.col("before").is_null() | (pl.col("before") + MONTH < pl.col("known")))
    goes = streams.filter(pl.col("after").is_null() | (pl.col("known") + MONTH < pl.col("after")))
    changes = pl.concat(
        [
            comes.select("user_id", "known", change=pl.lit(1, pl.Int64)),
            goes.select("user_id", pl.col("known") + MONTH, change=pl.lit(-1, pl.Int64)),
        ]
    ).sort("known")
    running = changes.select("user_id", "known", user_shows_30d=pl.col("change").cum_sum().over("user_id"))
    running = running.unique(["user_id", "known"], keep="last", maintain_order=True)
    shows = shown.select("impression_id", "user_id", "timestamp").join_asof(
        running, left_on="timestamp", right_on="known", by="user_id", allow_exact_matches=False, check_sortedness=False
    )
    counts = counts.with_columns(user_hours_30d=pl.col("listened") / 3_600_000).drop("listened")
    shows = shows.select("impression_id", pl.col("user_shows_30d").fill_null(0))
    return counts.join(shows, on="impression_id", how="left")


def _pair_history(shown: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    pair = ["user_id", "show_id"]
    events = known.filter(pl.col("kind").is_in(["stream", "follow"])).with_columns(
        user_show_streams_30d=(pl.col("kind") == "stream").cast(pl.Int64),
        user_show_follows_30d=(pl.col("kind") == "follow").cast(pl.Int64),
    )
    acted = within(shown, events, pair, ["user_show_streams_30d", "user_show_follows_30d"], "month")
    impressions = shown.select(*pair, known="timestamp", user_show_impressions_7d=pl.lit(1, pl.Int64))
    seen = within(shown, impressions, pair, ["user_show_impressions_7d"], "week")
    return acted.join(seen, on="impression_id", how="left")


def _genre_affinity(shown: pl.DataFrame, known: pl.DataFrame, shows: pl.DataFrame) -> pl.DataFrame:
    genres = shows.select("show_id", "date", pl.col("genres").list.unique())

    def with_genres(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.sort("day").join_asof(genres, left_on="day", right_on="date", by="show_id", check_sortedness=False)

    streams = known.filter(pl.col("kind") == "stream").with_columns(day=pl.col("timestamp").dt.date())
    all_streams = within(shown, streams.with_columns(streams=pl.lit(1, pl.Int64)), ["user_id"], ["streams"], "month")
    heard = with_genres(streams).explode("genres").rename({"genres": "genre"}).with_columns(hits=pl.lit(1, pl.Int64))
    questions = with_genres(shown).explode("genres").rename({"genres": "genre"}).drop_nulls("genre")
    numbered = questions.with_row_index("at").with_columns(
        impression=pl.col("impression_id"), impression_id=pl.col("at")
    )
    hits = within(numbered, heard.drop_nulls("genre"), ["user_id", "genre"], ["hits"], "month")
    hits = numbered.select("at", "impression").join(hits, left_on="at", right_on="impression_id")
    per = hits.group_by("impression").agg(pl.col("hits").sum(), genres=pl.len())
    both = all_streams.join(per, left_on="impression_id", right_on="impression").filter(pl.col("streams") > 0)
    return both.select("impression_id", user_genre_affinity=pl.col("hits") / (pl.col("genres") * pl.col("streams")))


def _over_30_days(daily: pl.DataFrame, sums: list[str]) -> pl.DataFrame:
    """Daily sums by show as sums of the 30 days before each of `day`, as a step function of the day."""
    comes = daily.with_columns(pl.col("day") + pl.duration(days=1))
    goes = daily.with_columns(pl.col("day") + pl.duration(days=31), *(-pl.col(name) for name in sums))
    changes = pl.concat([comes, goes]).group_by("show_id", "day").agg(pl.col(sums).sum()).sort("day")
    return changes.with_columns(pl.col(name).cum_sum().over("show_id") for name in sums)


def _as_of_day(table: pl.DataFrame, steps: pl.DataFrame, sums: list[str]) -> pl.DataFrame:
    joined = table.join_asof(steps, on="day", by="show_id", check_sortedness=False)
    return joined.with_columns(pl.col(sums).fill_null(0))


def _tiers(
    table: pl.DataFrame, streams: pl.DataFrame, boundaries: tuple[float, ...], less_streamed_below: int
) -> pl.DataFrame:
    long = streams.filter(pl.col("listened_ms") > 60_000).group_by("show_id", day=pl.col("timestamp").dt.date())
    steps = _over_30_days(long.agg(ms=pl.col("listened_ms").sum(), count=pl.len().cast(pl.Int64)), ["ms", "count"])
    joined = _as_of_day(table, steps, ["ms", "count"])
    hours = pl.Series(joined["ms"].to_numpy() / 3_600_000)
    return joined.with_columns(
        stream_tier=pl.sum_horizontal([pl.lit(hours < boundary).cast(pl.Int64) for boundary in boundaries]),
        less_streamed=(pl.col("count") < less_streamed_below).cast(pl.Int64),
    ).rename({"ms": "tier_ms", "count": "tier_streams"})


def _show_history(table: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    dated = known.with_columns(day=pl.col("known").dt.date())
    streams = dated.filter(pl.col("kind") == "stream").group_by("show_id", "day")
    sums = ["listened", "show_streams_30d"]
    steps = _over_30_days(
        streams.agg(listened=pl.col("listened_ms").sum(), show_streams_30d=pl.len().cast(pl.Int64)), sums
    )
    table = _as_of_day(table, steps, sums).with_columns(show_hours_30d=pl.col("listened") / 3_600_000).drop("listened")
    pair = ["user_id", "show_id"]
    follows = dated.filter(pl.col("kind") == "follow").select(*pair, "day").unique().sort("day")
    follows = follows.with_columns(before=pl.col("day").shift(1).over(pair), after=pl.col("day").shift(-1).over(pair))
    month = pl.duration(days=30)
    comes = follows.filter(pl.col("before").is_null() | (pl.col("before") + month < pl.col("day")))
    goes = follows.filter(pl.col("after").is_null() | (pl.col("day") + month < pl.col("after")))
    changes = pl.concat(
        [
            comes.select("show_id", pl.col("day") + pl.duration(days=1), show_followers_30d=pl.lit(1, pl.Int64)),
            goes.select("show_id", pl.col("day") + pl.duration(days=31), show_followers_30d=pl.lit(-1, pl.Int64)),
        ]
    )
    steps = changes.group_by("show_id", "day").agg(pl.col("show_followers_30d").sum()).sort("day")
    steps = steps.with_columns(pl.col("show_followers_30d").cum_sum().over("show_id"))
    return _as_of_day(table, steps, ["show_followers_30d"])


def _profiles(logs: Path, table: pl.DataFrame) -> pl.DataFrame:
    users = _snapshots(logs, "users").select(
        "user_id", "date", "age_bucket", "product", "account_age_days", user_language="language"
    )
    shows = _snapshots(logs, "shows").select(
        "show_id",
        "date",
        "publisher",
        "topics",
        "release_date",
        "genres",
        show_language="language",
        show_embedding="embedding",
    )
    episodes = pl.read_parquet(logs / "episodes" / "*.parquet").unique("episode_id", keep="first", maintain_order=True)
    table = table.sort("day")
    for snapshots, key in ((users, "user_id"), (shows, "show_id")):
        table = table.join_asof(snapshots, left_on="day", right_on="date", by=key, check_sortedness=False).drop("date")
    table = table.join(episodes.drop("show_id"), on="episode_id", how="left")
    age = (pl.col("day") - pl.col("release_date")).dt.total_days()
    since = (pl.col("timestamp") - pl.col("release_timestamp")).dt.total_microseconds()
    return table.with_columns(
        pl.col("genres").list.head(4),
        pl.col("topics").list.head(8),
        show_age_days=pl.when(age >= 0).then(age),
        episode_age_hours=pl.when(since >= 0).then(since / 3_600_000_000),
        episode_minutes=pl.col("duration_ms") / 60_000,
        hour=pl.col("timestamp").dt.strftime("%H"),
        weekday=(pl.col("timestamp").dt.weekday() - 1).cast(pl.String),
    ).sort("timestamp", "impression_id")
