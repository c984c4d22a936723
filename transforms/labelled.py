"""Labelled impressions: the table between ingestion and everything that learns or judges."""

import pyarrow as pa

from transforms.feature import Feature
from transforms.labels import LABELS

STREAM_TIERS = 8
"""Stream tiers are numbered from 0, the most streamed shows, to `STREAM_TIERS` - 1 (docs/data.md#stream-tiers)."""

KEYS = pa.schema(
    [
        ("impression_id", pa.string()),
        ("timestamp", pa.timestamp("us", tz="UTC")),
        ("source", pa.string()),
        ("user_id", pa.string()),
        ("show_id", pa.string()),
        *((label, pa.int64()) for label in LABELS),
        ("stream_tier", pa.int64()),
        ("less_streamed", pa.int64()),
        ("spend_micros", pa.int64()),
    ]
)
"""What travels with each example beside the features; of these only `show_id` is a feature as well."""

_TYPES = {
    "numeric": pa.float32(),
    "category": pa.string(),
    "hashed": pa.string(),
    "categories": pa.list_(pa.string()),
    "vector": pa.list_(pa.float32()),
}


def labelled_schema(features: tuple[Feature, ...]) -> pa.Schema:
    """The Arrow schema of a labelled table: the keys, then the features in the table's order; null where missing."""
    fields = [pa.field(feature.name, _TYPES[feature.kind]) for feature in features if feature.name not in KEYS.names]
    return pa.schema([*KEYS, *fields])
