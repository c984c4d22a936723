"""How many buckets there are, which one a key falls into (the same on every machine), and frames split by bucket."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import polars as pl

from logs.chunks import Chunk

# These change memory and time, but no result. So they are not settings: TFX would put settings into the cache key.
BUCKET_ROWS = 1_500_000
MOST_BUCKETS = 65_535
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def buckets_for(chunks: Mapping[str, Iterable[Chunk]]) -> int:
    """Number of buckets of users, such that each holds about `BUCKET_ROWS` rows of the tables that name users."""
    rows = sum(chunk.rows for name in ("impressions", "interactions", "users") for chunk in chunks[name])
    return min(max(1, -(-rows // BUCKET_ROWS)), MOST_BUCKETS)


def encode(*keys: pl.Series) -> tuple[list[np.ndarray], pl.Series]:
    """Strings as small integers that are common to all the given series.

    Returns:
        One int64 array a series, -1 where it is null, and the distinct strings that the integers number.
    """
    encoded = pl.concat([series.rename("") for series in keys], rechunk=True).to_arrow().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum([len(series) for series in keys])
    return np.split(codes, ends[:-1]), pl.Series(pl.from_arrow(encoded.dictionary))


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
    hashed = _hash(distinct) * _MIX
    return ((hashed >> np.uint64(32)) % np.uint64(count)).astype(np.uint16)[codes]


def _hash(strings: pl.Series) -> np.ndarray:
    """Sum of (byte + 1) * prime ** position over each string's bytes, modulo 2 ** 64."""
    _, offsets, data = strings.to_arrow().cast("large_string").buffers()
    ends = np.frombuffer(offsets, np.int64)[: len(strings) + 1]
    lengths = np.diff(ends)
    values = np.frombuffer(data or b"", np.uint8)[: ends[-1]].astype(np.uint64) + np.uint64(1)
    position = np.arange(len(values)) - np.repeat(ends[:-1], lengths)
    powers = np.cumprod(np.full(int(lengths.max()) + 1, _PRIME))
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values * powers[position])])
    return total[ends[1:]] - total[ends[:-1]]


def split_by(frame: pl.DataFrame, part: np.ndarray, count: int) -> Iterator[pl.DataFrame]:
    """`count` frames: the rows of part 0, of part 1, ..., each in the given order."""
    if count == 1:
        yield frame
        return
    ordered = frame[np.argsort(part, kind="stable")]
    ends = np.cumsum(np.bincount(part, minlength=count))
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        yield ordered[int(start) : int(end)]
