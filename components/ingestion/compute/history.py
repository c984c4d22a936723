"""The facts about a user that were known strictly before an impression (docs/data.md#what-was-known-at-the-time).

An action is known at its timestamp, a stream at its end. A window of a measure is half-open: [t - window, t).
"""

import numpy as np
import polars as pl

from components.ingestion.compute.event_windows import WINDOW_US, EventWindows
from components.ingestion.compute.timeline import Timeline
from logs.columns import KindCount
from logs.times import DAY_US, HOUR_MS
from transforms.domain import FOLLOW, SEARCH

_RECENT_US = 7 * DAY_US


def user_history(
    windows: EventWindows,
    impressions: pl.DataFrame,
    interactions: pl.DataFrame,
    genres: pl.DataFrame,
    candidates: np.ndarray,
    streamed: np.ndarray,
    counts: tuple[KindCount, ...] = (),
) -> pl.DataFrame:
    """The user's and the user-with-show measures, one row a wanted impression, columns `derived.*`.

    Args:
        windows: of these impressions and interactions.
        impressions: user and pair.
        interactions: user, pair and listened_ms.
        genres: genres, a list of distinct genre numbers a row.
        candidates: row of `genres` of the show of each wanted impression, -1 unknown.
        streamed: row of `genres` of the show of each of `windows.streams` on the stream's day, -1 unknown.
        counts: counts of interactions of one kind to add, which features ask for.
    """
    listened = interactions["listened_ms"].fill_null(0).to_numpy()[windows.streams]
    streams, pairs = windows.streams_of_user, windows.streams_of_pair
    pair = interactions["pair"].to_numpy()[windows.streams]
    appears, vanishes = _distinct(pair, windows.known[windows.streams])
    distinct = streams.timeline.running(appears)[streams.end] - streams.timeline.running(vanishes)[streams.start]

    def count(kind: str, key: str) -> np.ndarray:
        return windows.acts(key, np.flatnonzero(windows.of_kind(kind))).count

    recent = windows.clock.tick(windows.at - _RECENT_US)
    shown = windows.shown_of_pair
    shown_before = shown.timeline.before(impressions["pair"].to_numpy()[windows.wanted], recent)
    columns = {
        "user_streams_30d": streams.count,
        "user_hours_30d": streams.total(listened) / HOUR_MS,
        "user_shows_30d": distinct,
        "user_follows_30d": count(FOLLOW, "user"),
        "user_searches_30d": count(SEARCH, "user"),
        "user_show_streams_30d": pairs.count,
        "user_show_follows_30d": count(FOLLOW, "pair"),
        "user_show_impressions_7d": shown.end - shown_before,
        **{wanted.name: count(wanted.kind, "pair" if wanted.of_show else "user") for wanted in counts},
    }
    affinity = _genre_affinity(
        windows,
        impressions.select("user")[windows.wanted].with_columns(genres_at=pl.Series(candidates)),
        interactions.select("user")[windows.streams].with_columns(genres_at=pl.Series(streamed)),
        genres.select("genres"),
    )
    frame = pl.DataFrame({f"derived.{name}": values for name, values in columns.items()})
    return frame.with_columns(affinity.alias("derived.user_genre_affinity"))


def _distinct(pair: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Int64 0/1 per stream: whether its show enters the user's window with it, and whether it leaves 30 days after it.

    A show enters at its first stream in 30 days and leaves 30 days after its last stream. Of streams known at the same
    time, the show enters at the first and leaves after the last.
    """
    positions = np.lexsort((known, pair))
    ordered_pair, ordered_time = pair[positions], known[positions]
    joined = (ordered_pair[1:] == ordered_pair[:-1]) & (np.diff(ordered_time) <= WINDOW_US)
    edge = np.ones(min(len(positions), 1), bool)
    appears, vanishes = np.zeros(len(pair), np.int64), np.zeros(len(pair), np.int64)
    appears[positions] = np.concatenate([edge, ~joined])
    vanishes[positions] = np.concatenate([~joined, edge])
    return appears, vanishes


def _genre_affinity(
    windows: EventWindows, wanted: pl.DataFrame, streams: pl.DataFrame, genres: pl.DataFrame
) -> pl.Series:
    """Mean over the candidate show's genres of the share of the user's window streams whose show has the genre."""
    rows = genres.with_row_index("genres_at").with_columns(pl.col("genres_at").cast(pl.Int64))
    number = int(rows["genres"].explode().drop_nulls().max() or 0) + 1  # type: ignore[arg-type, operator]

    def exploded(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(rows, on="genres_at", how="inner").explode("genres").drop_nulls("genres")

    events = exploded(streams.with_columns(tick=pl.Series(windows.tick[windows.streams])))
    key = (events["user"] * number + events["genres"]).to_numpy()
    timeline = Timeline(windows.clock, key, events["tick"].to_numpy())
    candidates = exploded(wanted.with_row_index("impression"))
    at = candidates["impression"].to_numpy()
    key = (candidates["user"] * number + candidates["genres"]).to_numpy()
    hits = timeline.window(key, windows.start[at], windows.now[at]).count
    total = np.bincount(at, weights=hits, minlength=len(wanted))
    possible = np.bincount(at, minlength=len(wanted)) * windows.streams_of_user.count
    share = np.divide(total, possible, out=np.full(len(total), np.nan), where=possible > 0)
    return pl.Series(share).fill_nan(None)
