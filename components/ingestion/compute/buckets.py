"""How many buckets there are, which one a key falls into (the same on every machine), and frames split by bucket."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import numpy as np
import polars as pl

from logs.chunks import Chunk
from logs.times import HISTORY_DAYS

# These change memory and time, but no result. So they are not settings: TFX would put settings into the cache key.
BUCKET_ROWS = 3_000_000
DAYS_AT_ONCE = 32
"""Days of impressions that are computed together, at most."""
MOST_BUCKETS = 32_768
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def buckets_for(chunks: Mapping[str, Iterable[Chunk]], window_days: int) -> int:
    """Number of buckets of users, a power of two.

    A bucket of a group of days holds at most about `BUCKET_ROWS` rows: the events of all days in reach of the group,
    and one state of users. Each day counts as the largest one, and the state as the largest snapshot. So the number
    stays the same as logs get longer, and kept files of buckets stay usable.

    Args:
        chunks: by table.
        window_days: the longest window in whole days.
    """
    events, users = _largest_day(chunks, "impressions", "interactions"), _largest_day(chunks, "users")
    reach_days = DAYS_AT_ONCE + HISTORY_DAYS + 2 * window_days
    buckets = -(-(events * reach_days + users) // BUCKET_ROWS)
    return min(1 << max(buckets - 1, 0).bit_length(), MOST_BUCKETS)


def encode(*keys: pl.Series) -> tuple[list[np.ndarray], pl.Series]:
    """Strings as small integers that are common to all the given series.

    Returns:
        One int64 array a series, -1 where it is null, and the distinct strings that the integers number.
    """
    encoded = pl.concat([series.rename("") for series in keys], rechunk=True).to_arrow().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum([len(series) for series in keys])
    return np.split(codes, ends[:-1]), pl.Series(pl.from_arrow(encoded.dictionary))


def pairs(
    shown: tuple[np.ndarray, np.ndarray], acts: tuple[np.ndarray, np.ndarray], shows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of (user, show) of impressions and of interactions, numbered without gaps; -1 without a show.

    Without gaps, so that a pair and a time fit one int64 however many shows there are.
    """
    sparse = np.concatenate([user * shows + show for user, show in (shown, acts)])
    with_show = np.concatenate([shown[1], acts[1]]) >= 0
    numbers = np.full(len(sparse), -1, np.int64)
    numbers[with_show] = np.unique(sparse[with_show], return_inverse=True)[1]
    return numbers[: len(shown[0])], numbers[len(shown[0]) :]


def bucket_of(keys: pl.Series, count: int) -> np.ndarray:
    """The bucket of each string: a polynomial hash of its UTF-8 bytes, mixed, modulo `count`.

    Args:
        keys: strings without nulls.
        count: number of buckets, up to `MOST_BUCKETS`.

    Returns:
        uint16 array of the keys' length.
    """
    if count == 1 or keys.is_empty():
        return np.zeros(len(keys), np.uint16)
    (codes,), distinct = encode(keys)
    return ((hash_of(distinct) >> np.uint64(32)) % np.uint64(count)).astype(np.uint16)[codes]


def hash_of(strings: pl.Series) -> np.ndarray:
    """A uint64 of each string, the same on every machine.

    The sum of (byte + 1) * prime ** position over the string's bytes, mixed, modulo 2 ** 64.

    Args:
        strings: strings without nulls.
    """
    if strings.is_empty():
        return np.zeros(0, np.uint64)
    array = strings.to_arrow().cast("large_string")
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    values = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]].astype(np.uint64) + np.uint64(1)
    ends = ends - ends[0]
    lengths = np.diff(ends)
    position = np.arange(len(values)) - np.repeat(ends[:-1], lengths)
    powers = np.cumprod(np.full(int(lengths.max()) + 1, _PRIME))
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values * powers[position])])
    return (total[ends[1:]] - total[ends[:-1]]) * _MIX


def split_by(frame: pl.DataFrame, part: np.ndarray, count: int) -> Iterator[pl.DataFrame]:
    """`count` frames: the rows of part 0, of part 1, ..., each in the given order."""
    if count == 1:
        yield frame
        return
    ordered = frame[np.argsort(part, kind="stable")]
    ends = np.cumsum(np.bincount(part, minlength=count))
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        yield ordered[int(start) : int(end)]


def _largest_day(chunks: Mapping[str, Iterable[Chunk]], *tables: str) -> int:
    """Rows of the tables on the day with most of them."""
    rows: Counter[date | None] = Counter()
    for table in tables:
        for chunk in chunks[table]:
            rows[chunk.day] += chunk.rows
    return max(rows.values(), default=0)
