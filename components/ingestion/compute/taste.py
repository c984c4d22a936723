"""Taste from the user's streams of the last 30 days: mean embedding, similarity, recent shows (docs/data.md).

Many impressions have the same streams before them, so each distinct window is computed once. The terms of a mean are
added one window at a time, in one order: a difference of running sums would depend on the events before the window.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from components.ingestion.compute.event_windows import EventWindows
from components.ingestion.compute.timeline import Timeline, Window

RECENT_SHOWS = 20
"""How many of the shows streamed last are kept."""

_CHUNK = 1_000_000
"""Streams in the windows that are computed together; it changes memory, but no value."""


@dataclass(frozen=True)
class Streamed:
    """The streams of a bucket, in the order of the interactions.

    Attributes:
        user: int64.
        show: int64, an index of `names`.
        listened_ms: int64.
        embedded_at: int64, the row of the embedding that the show had on the stream's day, -1 for none.
        names: the shows' ids.
    """

    user: np.ndarray
    show: np.ndarray
    listened_ms: np.ndarray
    embedded_at: np.ndarray
    names: pl.Series


def taste(
    windows: EventWindows,
    user: np.ndarray,
    streams: Streamed,
    embeddings: np.ndarray,
    candidates: np.ndarray,
) -> pl.DataFrame:
    """The user's taste, its similarity to the candidate show, and the shows streamed last; one row a wanted impression.

    Args:
        windows: of the impressions and interactions.
        user: int64 per impression.
        streams: those of `windows.streams`.
        embeddings: float32 [rows, length], the shows' embeddings.
        candidates: row of `embeddings` for each wanted impression, -1 for none.
    """
    order = _by_time(windows, streams)
    window = _window(windows, user, streams, order)
    distinct, which = _distinct(window)
    means = _means(distinct, order, streams, embeddings)
    shows = _recent_shows(distinct, order, streams)
    return pl.DataFrame(
        {
            "derived.user_taste": _vectors(means, which),
            "derived.user_show_similarity": _cosine(means, which, embeddings, candidates),
            "derived.user_recent_shows": shows.gather(pl.Series(which)),
        }
    )


def _by_time(windows: EventWindows, streams: Streamed) -> np.ndarray:
    """The streams by the time they were known; of equal times, the show with the greatest id comes first."""
    rank = np.empty(len(streams.names), np.int64)
    rank[streams.names.arg_sort().to_numpy()] = np.arange(len(streams.names))
    return np.lexsort((-rank[streams.show], windows.tick[windows.streams]))


def _window(windows: EventWindows, user: np.ndarray, streams: Streamed, order: np.ndarray) -> Window:
    tick = windows.tick[windows.streams][order]
    return Timeline(windows.clock, streams.user[order], tick).window(user[windows.wanted], windows.start, windows.now)


def _distinct(window: Window) -> tuple[Window, np.ndarray]:
    """The windows that differ from the one before, and the position among them of each of `window`."""
    new = np.ones(len(window.end), bool)
    new[1:] = (np.diff(window.start) != 0) | (np.diff(window.end) != 0)
    return Window(window.timeline, window.start[new], window.end[new]), np.cumsum(new) - 1


def _chunks(count: np.ndarray) -> Iterator[slice]:
    """Slices of windows with about `_CHUNK` events each, and at least one window."""
    ends = np.cumsum(count)
    first = 0
    while first < len(count):
        before = ends[first - 1] if first else 0
        last = max(int(np.searchsorted(ends, before + _CHUNK, "right")), first + 1)
        yield slice(first, last)
        first = last


def _events(start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The positions `start`, `start` + 1, ... of each window, one window after the other."""
    offsets = np.cumsum(count) - count
    return np.arange(int(count.sum())) + np.repeat(start - offsets, count)


def _means(window: Window, order: np.ndarray, streams: Streamed, embeddings: np.ndarray) -> np.ndarray:
    """Mean embedding of each window weighted by the time listened, float64 [windows, length]; NaN for none."""
    sorted_ = order[window.timeline.order]
    weighs = (streams.embedded_at[sorted_] >= 0) & (streams.listened_ms[sorted_] > 0)
    before = np.concatenate([[0], np.cumsum(weighs)])
    start, count = before[window.start], before[window.end] - before[window.start]
    at = streams.embedded_at[sorted_[weighs]]
    weight = streams.listened_ms[sorted_[weighs]].astype(np.float64)
    columns = np.ascontiguousarray(embeddings.T, np.float64)
    means = np.full((len(count), len(columns)), np.nan)
    filled = np.flatnonzero(count)
    for chunk in _chunks(count[filled]):
        of = filled[chunk]
        events = _events(start[of], count[of])
        begins = np.cumsum(count[of]) - count[of]
        weights, rows = weight[events], at[events]
        total = np.add.reduceat(weights, begins)
        for column, values in enumerate(columns):
            means[of, column] = np.add.reduceat(weights * values[rows], begins) / total
    return means


def _recent_shows(window: Window, order: np.ndarray, streams: Streamed) -> pl.Series:
    """The last distinct shows of each window, latest first; null without streams."""
    show = streams.show[order[window.timeline.order]]
    after = _next_of_same(streams.user[order[window.timeline.order]], show)
    codes, lengths = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for chunk in _chunks(window.count):
        count = window.count[chunk]
        events = _events(window.start[chunk], count)
        at = np.repeat(np.arange(len(count)), count)
        last = after[events] >= window.end[chunk][at]  # the show is not streamed again within the window
        events, at = events[last], at[last]
        shows = np.bincount(at, minlength=len(count))
        from_end = np.cumsum(shows)[at] - 1 - np.arange(len(at))
        kept = from_end < RECENT_SHOWS
        length = np.minimum(shows, RECENT_SHOWS)
        place = (np.cumsum(length) - length)[at[kept]] + from_end[kept]
        latest_first = np.empty(int(length.sum()), np.int64)
        latest_first[place] = show[events[kept]]
        codes.append(latest_first)
        lengths.append(length)
    names = streams.names.gather(pl.Series(np.concatenate(codes))).to_arrow()
    return _lists(names, np.concatenate(lengths))


def _next_of_same(user: np.ndarray, show: np.ndarray) -> np.ndarray:
    """For each stream, the position of the user's next stream of the same show; beyond all for the last one."""
    order = np.lexsort((np.arange(len(show)), show, user))
    after = np.full(len(show), len(show), np.int64)
    same = (user[order[1:]] == user[order[:-1]]) & (show[order[1:]] == show[order[:-1]])
    after[order[:-1][same]] = order[1:][same]
    return after


def _vectors(means: np.ndarray, which: np.ndarray) -> pl.Series:
    vectors = means[which].astype(np.float32)
    present = ~np.isnan(vectors).any(axis=1)
    return _lists(pa.array(vectors[present].ravel()), present * means.shape[1])


def _lists(values: pa.Array, length: np.ndarray) -> pl.Series:
    """Lists of `values`, one after the other; a list of `length` 0 is null."""
    offsets = pa.array(np.concatenate([[0], np.cumsum(length)]), pa.int64(), mask=np.append(length == 0, False))
    return pl.Series(pl.from_arrow(pa.LargeListArray.from_arrays(offsets, values)))


def _cosine(means: np.ndarray, which: np.ndarray, embeddings: np.ndarray, candidates: np.ndarray) -> pl.Series:
    """Cosine of taste and candidate, null where one is missing or 0."""
    dot, norm, other = (np.zeros(len(which)) for _ in range(3))
    known = np.maximum(candidates, 0)
    for column in range(means.shape[1] if len(embeddings) else 0):  # column by column: one order of terms
        mean, embedding = means[which, column], embeddings[known, column].astype(np.float64)
        dot += mean * embedding
        norm += mean * mean
        other += embedding * embedding
    length = np.sqrt(norm) * np.sqrt(other)
    usable = (candidates >= 0) & (length > 0)
    cosine = np.divide(dot, length, out=np.full(len(which), np.nan), where=usable)
    return pl.Series(cosine).fill_nan(None)
