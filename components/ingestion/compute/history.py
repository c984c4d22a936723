"""The facts about a user that were known strictly before an impression (docs/data.md#what-was-known-at-the-time).

An action is known at its timestamp, a stream at its end. A window of a measure is half-open: [t - window, t).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.compute.timeline import Clock, Timeline
from logs.columns import KindCount
from logs.times import DAY_US, HISTORY_DAYS, HOUR_MS
from transforms.domain import SEARCH, STREAM, Domain

_WINDOW_US = HISTORY_DAYS * DAY_US
_RECENT_US = 7 * DAY_US
_FOLLOW = "follow"


def known_at(interactions: pl.DataFrame, domain: Domain) -> np.ndarray:
    """When each interaction is known, in microseconds: a stream at its end, others at their timestamp."""
    listened = interactions["listened_ms"].fill_null(0).to_numpy()
    is_stream = interactions["kind"].to_numpy() == domain.kind_code(STREAM)
    return interactions["timestamp"].to_numpy() + np.where(is_stream, listened * 1000, 0)


@dataclass(frozen=True)
class WindowBounds:
    """For each impression at t: user, pair of user and show (int64), and ticks of t, t - 30 days, and t - 7 days."""

    user: np.ndarray
    pair: np.ndarray
    now: np.ndarray
    from_30d: np.ndarray
    from_7d: np.ndarray


def user_history(
    impressions: pl.DataFrame,
    interactions: pl.DataFrame,
    genres: pl.DataFrame,
    domain: Domain,
    counts: tuple[KindCount, ...] = (),
) -> pl.DataFrame:
    """The user's and the user-with-show measures, one row an impression, columns `derived.*`.

    Args:
        impressions: user, pair, timestamp and genres_at (row of `genres` of the candidate show, -1 unknown).
        interactions: user, pair, timestamp, kind, listened_ms and genres_at (of the streamed show on the stream's day).
        genres: genres, a list of distinct genre numbers a row.
        domain: says which kind each index stands for.
        counts: counts of interactions of one kind to add, which features ask for.
    """
    kind = interactions["kind"].to_numpy()
    used = (STREAM, _FOLLOW, SEARCH, *(count.kind for count in counts))
    chosen = np.isin(kind, [domain.kind_code(name) for name in used])
    acts, kind = interactions.filter(pl.Series(chosen)), kind[chosen]
    known, shown = known_at(acts, domain), impressions["timestamp"].to_numpy()
    clock = Clock(known, shown)
    tick = clock.tick(known)
    bounds = WindowBounds(
        impressions["user"].to_numpy(),
        impressions["pair"].to_numpy(),
        clock.tick(shown),
        clock.tick(shown - _WINDOW_US),
        clock.tick(shown - _RECENT_US),
    )
    user, pair = acts["user"].to_numpy(), acts["pair"].to_numpy()
    streams, follows, searches = (kind == domain.kind_code(name) for name in (STREAM, _FOLLOW, SEARCH))

    timeline = Timeline(clock, user, tick)
    end, start = timeline.before(bounds.user, bounds.now), timeline.before(bounds.user, bounds.from_30d)

    def total(values: np.ndarray) -> np.ndarray:
        running = timeline.running(values)
        return running[end] - running[start]

    def of_pair(which: np.ndarray) -> np.ndarray:
        return _count(Timeline(clock, pair[which], tick[which]), bounds.pair, bounds.from_30d, bounds.now)

    def of_kind(count: KindCount) -> np.ndarray:
        which = kind == domain.kind_code(count.kind)
        return of_pair(which) if count.of_show else total(which.astype(np.int64))

    appears, vanishes = _distinct(pair, known, streams)
    streamed = total(streams.astype(np.int64))
    shown_line = Timeline(clock, bounds.pair, bounds.now)
    listened = np.where(streams, acts["listened_ms"].fill_null(0).to_numpy(), 0)
    distinct = timeline.running(appears)[end] - timeline.running(vanishes)[start]
    columns = {
        "user_streams_30d": streamed,
        "user_hours_30d": total(listened) / HOUR_MS,
        "user_shows_30d": distinct,
        "user_follows_30d": total(follows.astype(np.int64)),
        "user_searches_30d": total(searches.astype(np.int64)),
        "user_show_streams_30d": of_pair(streams),
        "user_show_follows_30d": of_pair(follows),
        "user_show_impressions_7d": _count(shown_line, bounds.pair, bounds.from_7d, bounds.now),
        **{count.name: of_kind(count) for count in counts},
    }
    with_genres = acts.select("user", "genres_at").with_columns(tick=pl.Series(tick)).filter(pl.Series(streams))
    affinity = _genre_affinity(clock, impressions["genres_at"], bounds, with_genres, genres, streamed)
    frame = pl.DataFrame({f"derived.{name}": values for name, values in columns.items()})
    return frame.with_columns(affinity.alias("derived.user_genre_affinity"))


def _count(timeline: Timeline, key: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return timeline.before(key, end) - timeline.before(key, start)


def _distinct(pair: np.ndarray, known: np.ndarray, streams: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Int64 0/1 per act: whether its show enters the user's window with it, and whether it leaves 30 days after it.

    A show enters at its first stream in 30 days and leaves 30 days after its last stream. Of streams known at the same
    time, the show enters at the first and leaves after the last.
    """
    appears, vanishes = np.zeros(len(pair), np.int64), np.zeros(len(pair), np.int64)
    positions = np.flatnonzero(streams)
    positions = positions[np.lexsort((known[positions], pair[positions]))]
    ordered_pair, ordered_time = pair[positions], known[positions]
    joined = (ordered_pair[1:] == ordered_pair[:-1]) & (np.diff(ordered_time) <= _WINDOW_US)
    edge = np.ones(min(len(positions), 1), bool)
    appears[positions] = np.concatenate([edge, ~joined])
    vanishes[positions] = np.concatenate([~joined, edge])
    return appears, vanishes


def _genre_affinity(
    clock: Clock,
    genres_at: pl.Series,
    bounds: WindowBounds,
    streams: pl.DataFrame,
    genres: pl.DataFrame,
    streamed: np.ndarray,
) -> pl.Series:
    """Mean over the candidate show's genres of the share of the user's window streams whose show has the genre."""
    rows = genres.with_row_index("genres_at").with_columns(pl.col("genres_at").cast(pl.Int64))
    count = int(rows["genres"].explode().drop_nulls().max() or 0) + 1  # type: ignore[arg-type, operator]

    def exploded(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(rows, on="genres_at", how="inner").explode("genres").drop_nulls("genres")

    events = exploded(streams)
    timeline = Timeline(clock, (events["user"] * count + events["genres"]).to_numpy(), events["tick"].to_numpy())
    candidates = exploded(pl.DataFrame({"genres_at": genres_at}).with_row_index("impression"))
    at = candidates["impression"].to_numpy()
    key = bounds.user[at] * count + candidates["genres"].to_numpy()
    hits = _count(timeline, key, bounds.from_30d[at], bounds.now[at])
    total = np.bincount(at, weights=hits, minlength=len(genres_at))
    wanted = np.bincount(at, minlength=len(genres_at)) * streamed
    share = np.divide(total, wanted, out=np.full(len(total), np.nan), where=wanted > 0)
    return pl.Series(share).fill_nan(None)
