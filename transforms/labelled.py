"""Labelled impressions: the table that ingestion writes and that training and evaluation read."""

import pyarrow as pa

from transforms.domain import Domain
from transforms.feature import Feature

STREAM_TIERS = 8
"""Stream tiers are numbered from 0, the most streamed shows, to `STREAM_TIERS` - 1 (docs/data.md#stream-tiers)."""

_BEFORE_LABELS = (
    ("impression_id", pa.string()),
    ("timestamp", pa.timestamp("us", tz="UTC")),
    ("source", pa.string()),
    ("user_id", pa.string()),
    ("show_id", pa.string()),
)
TIER_MS, TIER_STREAMS = "tier_ms", "tier_streams"
"""Milliseconds and number of the show's streams that its stream tier follows from, exact and without any setting."""
STREAM_TIER, LESS_STREAMED = "stream_tier", "less_streamed"
"""Columns that reports make of `TIER_MS` and `TIER_STREAMS` (`logs/tiers.py`); no example holds them."""

_AFTER_LABELS = ((TIER_MS, pa.int64()), (TIER_STREAMS, pa.int64()), ("spend_micros", pa.int64()))

RESERVED = frozenset({*(name for name, _ in (*_BEFORE_LABELS, *_AFTER_LABELS)), STREAM_TIER, LESS_STREAMED})
"""Columns of every labelled table and of reports, which no label may be named after."""


def key_schema(domain: Domain) -> pa.Schema:
    """The columns that each example has beside its features, labels included; only `show_id` can be a feature too."""
    labels = ((label, pa.int64()) for label in domain.labels)
    return pa.schema([*_BEFORE_LABELS, *labels, *_AFTER_LABELS])


def labelled_schema(features: tuple[Feature, ...], domain: Domain) -> pa.Schema:
    """The Arrow schema of a labelled table: the keys, then the features in the table's order; null where missing."""
    keys = key_schema(domain)
    fields = [pa.field(feature.name, feature.storage.arrow) for feature in features if feature.name not in keys.names]
    return pa.schema([*keys, *fields])
