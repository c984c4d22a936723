"""Changes of expected sums, by hand."""

import polars as pl
import pytest

from experiments.ab.simulate.expected import expected_changes


def _row(arm: str, less: int, impressions: float, streams: float, spend: float) -> dict[str, object]:
    counts = {"impressions": impressions, "stream": streams, "click": 1.0, "spend": spend}
    return {"arm": arm, "stream_tier": 2 + 3 * less, "less_streamed": less} | counts


def test_changes_by_hand() -> None:
    rows = [
        _row("a", 0, 100, 5.0, 10),
        _row("a", 1, 100, 5.0, 10),
        _row("b", 0, 100, 5.0, 12),
        _row("b", 1, 50, 5.0, 6),
    ]
    changes = expected_changes(pl.DataFrame(rows), {"a": 10, "b": 20}, "a")
    assert changes["b", "all", "i2s"] == pytest.approx((10 / 150) / (10 / 200) - 1)
    assert changes["b", "all", "eCPS"] == pytest.approx((18 / 10) / (20 / 10) - 1)
    assert changes["b", "less-streamed", "i2s"] == pytest.approx(1.0)
    assert changes["b", "tier 2", "eCPS"] == pytest.approx(0.2)
    assert changes["b", "all", "streams"] == pytest.approx(-0.5)
    assert ("b", "tier 4", "i2s") not in changes
