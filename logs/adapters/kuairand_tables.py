"""Maps rows of KuaiRand-Pure to rows of the raw-log contract: pure functions, one per table.

| contract | KuaiRand-Pure |
| --- | --- |
| source | `promotion` where tab = 1 (the main feed), `ad` in every other tab |
| impression | (user_id, video_id, time_ms, tab); ingestion counts later rows with the same four as duplicates |
| show, episode | author_id, video_id |
| surface | tab |
| layout | the video's shape: portrait, landscape or square |
| session_position | the user's impressions since a pause of 30 minutes or more, including this one |
| creative_id, creative_format | for ads the video and `video`; a promotion has none |
| slot, device, market, campaign_id, spend_micros | not in the data: constants, or null where the contract allows |
| interaction | one at the impression's time for each outcome that is 1; a stream is a long view of play_time_ms |
| publisher, language, age_bucket, product, embedding | not in the data: the author itself, constants, no values |
| genres | the tags of the author's videos |
| account_age_days | register_days |

Videos shown at random are left out, because another policy chose them. Only the first row of an impression makes
interactions; an outcome in a later copy alone does not count. Comments, forwards, hates, and stays on profiles are
outcomes too, but the adapter does not read them.

The snapshots come from static files without dates. The adapter dates them at the start of the logs, so that they hold
on every day. So the counts of followers and friends, the active degree, and register_days may be a few days newer than
the impression. The data of a video is fixed at its upload. The release also has a file of video statistics; it counts
outcomes of the whole period, so the adapter does not read it.
"""

import polars as pl

from logs.adapters.kuairand_files import CATEGORIES, COUNTS, KEYS, OUTCOMES

SESSION_GAP_MS = 30 * 60 * 1000
"""The shortest pause after which an impression begins a new session."""

UPLOAD_ZONE = "Asia/Shanghai"
"""Time zone of the days in `upload_dt`."""

_NONE = pl.lit(None, pl.String)


def impressions(log: pl.DataFrame, videos: pl.DataFrame) -> pl.DataFrame:
    """One row for each row of `log` and in its order, with `_first`: whether no earlier row has the same id."""
    known = videos.unique("video_id", keep="first").select("video_id", "author_id", layout=_shape())
    log = _with_sessions(log).join(known, on="video_id", how="left", maintain_order="left")
    is_ad = pl.col("tab") != 1
    return log.select(
        impression_id=_impression_id(),
        timestamp=pl.from_epoch("time_ms", "ms").dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
        source=pl.when(is_ad).then(pl.lit("ad")).otherwise(pl.lit("promotion")),
        user_id=_text("user_id"),
        show_id=_text("author_id"),
        episode_id=_text("video_id"),
        surface=_text("tab"),
        slot=pl.lit("feed"),
        layout=pl.col("layout").fill_null("unknown"),
        device=pl.lit("phone"),
        market=pl.lit("CN"),
        session_position=pl.col("session_position"),
        campaign_id=_NONE,
        creative_id=pl.when(is_ad).then(_text("video_id")),
        creative_format=pl.when(is_ad).then(pl.lit("video")),
        spend_micros=pl.lit(None, pl.Int64),
        _first=pl.col("_first"),
    )


def interactions(log: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The outcomes of `log`, in its order; `shown` is the result of `impressions` for it."""
    both = pl.concat([shown, log.select(*OUTCOMES.values(), "play_time_ms")], how="horizontal").filter("_first")
    return pl.concat(
        both.filter(pl.col(outcome) == 1).select(
            interaction_id=pl.col("impression_id") + f"-{kind}",
            timestamp="timestamp",
            user_id="user_id",
            show_id="show_id",
            episode_id="episode_id",
            kind=pl.lit(kind),
            listened_ms=pl.col("play_time_ms") if kind == "stream" else pl.lit(None, pl.Int64),
            impression_id="impression_id",
        )
        for kind, outcome in OUTCOMES.items()
    )


def users(users: pl.DataFrame) -> pl.DataFrame:
    """One row a user; the official columns beyond the contract keep their names."""
    return users.select(
        _text("user_id"),
        market=pl.lit("CN"),
        language=pl.lit("zh"),
        age_bucket=pl.lit("unknown"),
        product=pl.lit("free"),
        account_age_days=pl.col("register_days"),
        **{name: pl.col(name) for name in COUNTS},
        **{name: _code(name) for name in CATEGORIES},
    )


def shows(videos: pl.DataFrame) -> pl.DataFrame:
    """One row an author, in the order of their ids."""
    tags = pl.col("tag").drop_nulls().str.split(",").explode().unique().sort()
    return (
        videos.group_by("author_id")
        .agg(genres=tags, release_date=pl.col("upload_dt").min())
        .sort("author_id")
        .select(
            show_id=_text("author_id"),
            publisher=_text("author_id"),
            language=pl.lit("zh"),
            genres="genres",
            topics=pl.lit([], pl.List(pl.String)),
            release_date="release_date",
            embedding=pl.lit([], pl.List(pl.Float32)),
        )
    )


def episodes(videos: pl.DataFrame) -> pl.DataFrame:
    """One row a video, released at the start of its day of upload; with extra columns for creative features."""
    released = pl.col("upload_dt").cast(pl.Datetime("us")).dt.replace_time_zone(UPLOAD_ZONE)
    return videos.select(
        episode_id=_text("video_id"),
        show_id=_text("author_id"),
        release_timestamp=released.dt.convert_time_zone("UTC"),
        duration_ms=pl.col("video_duration").round().cast(pl.Int64),
        video_type="video_type",
        upload_type="upload_type",
        aspect_ratio=pl.when(_has_size()).then(pl.col("server_width") / pl.col("server_height")),
        music_id=pl.when(pl.col("music_id") != 0).then(_text("music_id")),
        music_type=_code("music_type"),
    )


def _with_sessions(log: pl.DataFrame) -> pl.DataFrame:
    """`log` with `_first` and `session_position` (from 1; a repeated row has the position of the row it repeats)."""
    first = pl.col("_row") == pl.col("_row").min().over(KEYS)
    starts = (pl.col("time_ms").diff() >= SESSION_GAP_MS).fill_null(True)
    position = pl.col("_first").cast(pl.Int64).cum_sum().over("user_id", "_session")
    return (
        log.with_row_index("_row")
        .with_columns(_first=first)
        .sort("user_id", "time_ms", "_row")
        .with_columns(_session=starts.cum_sum().over("user_id"))
        .with_columns(session_position=position)
        .sort("_row")
        .drop("_row", "_session")
    )


def _impression_id() -> pl.Expr:
    return pl.concat_str(*KEYS, separator="-")


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String)


def _code(name: str) -> pl.Expr:
    """The code of a category. Columns with gaps hold it as a float: 9.0 is 9."""
    return pl.col(name).str.strip_suffix(".0")


def _has_size() -> pl.Expr:
    return (pl.col("server_width") > 0) & (pl.col("server_height") > 0)


def _shape() -> pl.Expr:
    wider = pl.col("server_width") - pl.col("server_height")
    shape = pl.when(wider > 0).then(pl.lit("landscape")).when(wider < 0).then(pl.lit("portrait"))
    return pl.when(_has_size()).then(shape.otherwise(pl.lit("square")))
