"""Random labelled impressions for tests that need rows and no world; the labels depend on the features."""

import numpy as np
import pyarrow as pa

from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.labelled import labelled_schema
from transforms.labels import LABELS

RATES = {"stream": 0.1, "click": 0.08, "like": 0.03, "follow": 0.02}
CARDINALITY = {"hashed": 300, "category": 5, "categories": 12}


def random_labelled(
    rows: int, *, seed: int = 0, features: tuple[Feature, ...] = FEATURES, ad_share: float = 0.7, days: int = 4
) -> pa.Table:
    """`rows` impressions over `days` days from 2026-01-01, 5 % of the values missing; every label is learnable."""
    rng = np.random.default_rng(seed)
    is_ad = rng.random(rows) < ad_share
    signal = rng.normal(size=rows)
    columns: dict[str, object] = {
        "impression_id": [f"i{number:08d}" for number in range(rows)],
        "timestamp": np.sort(rng.integers(0, days * 86_400_000_000, rows)) + 1_767_225_600_000_000,
        "source": np.where(is_ad, "ad", "promotion"),
        "user_id": [f"u{number}" for number in rng.integers(0, max(rows // 20, 1), rows)],
        "stream_tier": rng.integers(0, 8, rows),
        "less_streamed": rng.integers(0, 2, rows),
        "spend_micros": pa.array(rng.integers(1000, 9000, rows), mask=~is_ad),
    }
    for label in LABELS:
        odds = RATES[label] * np.where(is_ad, 0.5, 1.5) * np.exp(signal)
        columns[label] = (rng.random(rows) < odds).astype(np.int64)
    for feature in features:
        columns[feature.name] = _values(feature, rows, signal, is_ad, rng)
    schema = labelled_schema(features)
    arrays = [_as_arrow(columns[field.name], field.type) for field in schema]
    return pa.table(arrays, schema=schema)


def _as_arrow(values: object, type_: pa.DataType) -> pa.Array:
    return values.cast(type_) if isinstance(values, pa.Array) else pa.array(values, type_)


def _values(feature: Feature, rows: int, signal: np.ndarray, is_ad: np.ndarray, rng: np.random.Generator) -> object:
    missing = rng.random(rows) < 0.05
    if feature.source is not None:
        missing |= is_ad != (feature.source == "ad")
    if feature.name == "show_id":  # a key is never missing
        missing = np.zeros(rows, bool)
    if feature.kind == "numeric":
        return pa.array(np.exp(signal + rng.normal(size=rows)), pa.float32(), mask=missing)
    if feature.kind == "vector":
        vectors = rng.normal(size=(rows, feature.length)).astype(np.float32)
        return [None if gone else vector for gone, vector in zip(missing, vectors, strict=True)]
    codes = rng.integers(0, CARDINALITY[feature.kind], (rows, 3))
    codes[:, 0] = np.clip(np.round(signal * 2 + 3), 0, CARDINALITY[feature.kind] - 1)
    if feature.kind == "categories":
        return [
            None if gone else [f"{feature.name}{code}" for code in row]
            for gone, row in zip(missing, codes, strict=True)
        ]
    return [None if gone else f"{feature.name}{code}" for gone, code in zip(missing, codes[:, 0], strict=True)]
