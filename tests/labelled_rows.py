"""Random labelled impressions for tests that need rows and no world; the labels depend on the features."""

import numpy as np
import pyarrow as pa

from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.labelled import labelled_schema

RATES = {"stream": 0.1, "click": 0.08, "like": 0.03, "follow": 0.02}
OTHER_RATE = 0.05
TIER_HOURS = (600_000, 200_000, 60_000, 20_000, 6_000, 2_000, 200, 50)
"""Hours of a show in each stream tier of the default settings."""
CARDINALITY = {"hashed": 300, "category": 5, "categories": 12}


def random_labelled(
    rows: int,
    *,
    seed: int = 0,
    features: tuple[Feature, ...] = FEATURES,
    domain: Domain = Domain(),  # noqa: B008 (frozen)
    ad_share: float = 0.7,
    days: int = 4,
) -> pa.Table:
    """`rows` impressions over `days` days from 2026-01-01, 5 % of the values missing; every label is learnable.

    A share of `ad_share` has the source `ad`, if the domain has it; the other sources share the rest equally.
    """
    rng = np.random.default_rng(seed)
    source = _sources(rng.random(rows), domain.sources, ad_share)
    is_ad = source == "ad"
    signal = rng.normal(size=rows)
    columns: dict[str, object] = {
        "impression_id": [f"i{number:08d}" for number in range(rows)],
        "timestamp": np.sort(rng.integers(0, days * 86_400_000_000, rows)) + 1_767_225_600_000_000,
        "source": source,
        "user_id": [f"u{number}" for number in rng.integers(0, max(rows // 20, 1), rows)],
        "tier_ms": np.array(TIER_HOURS)[rng.integers(0, 8, rows)] * 3_600_000,
        "tier_streams": np.where(rng.integers(0, 2, rows) == 1, 0, 5_000) + np.arange(rows) % 5_000,
        "spend_micros": pa.array(rng.integers(1000, 9000, rows), mask=~is_ad),
    }
    for label in domain.labels:
        odds = RATES.get(label, OTHER_RATE) * np.where(is_ad, 0.5, 1.5) * np.exp(signal)
        columns[label] = (rng.random(rows) < odds).astype(np.int64)
    for feature in features:
        columns[feature.name] = _values(feature, rows, signal, source, rng)
    schema = labelled_schema(features, domain)
    arrays = [_as_arrow(columns[field.name], field.type) for field in schema]
    return pa.table(arrays, schema=schema)


def _sources(draws: np.ndarray, sources: tuple[str, ...], ad_share: float) -> np.ndarray:
    """The source of each draw from [0, 1)."""
    others = [source for source in sources if source != "ad"]
    ad_share = (ad_share if others else 1.0) if "ad" in sources else 0.0
    shares = [ad_share, *([(1 - ad_share) / len(others)] * len(others))]
    ends = np.cumsum(shares)[:-1]
    return np.array(["ad", *others])[np.searchsorted(ends, draws, side="right")]


def _as_arrow(values: object, type_: pa.DataType) -> pa.Array:
    return values.cast(type_) if isinstance(values, pa.Array) else pa.array(values, type_)


def _values(feature: Feature, rows: int, signal: np.ndarray, source: np.ndarray, rng: np.random.Generator) -> object:
    kind = feature.storage
    missing = rng.random(rows) < 0.05
    if feature.source is not None:
        missing |= source != feature.source
    if feature.name == "show_id":  # a key is never missing
        missing = np.zeros(rows, bool)
    if kind.is_number and kind.several is None:
        return pa.array(np.exp(signal + rng.normal(size=rows)), pa.float32(), mask=missing)
    if kind.is_number:
        vectors = rng.normal(size=(rows, feature.length)).astype(np.float32)
        return [None if gone else vector for gone, vector in zip(missing, vectors, strict=True)]
    cardinality = CARDINALITY.get(feature.kind, 20)
    codes = rng.integers(0, cardinality, (rows, 3))
    codes[:, 0] = np.clip(np.round(signal * 2 + 3), 0, cardinality - 1)
    if kind.several:
        return [
            None if gone else [f"{feature.name}{code}" for code in row]
            for gone, row in zip(missing, codes, strict=True)
        ]
    return [None if gone else f"{feature.name}{code}" for gone, code in zip(missing, codes[:, 0], strict=True)]
