"""Changes of expected sums, by hand."""

from pathlib import Path

import polars as pl
import pytest

from experiments.ab.simulate.expected import expected_changes, expected_sums


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


def test_an_earlier_test_does_not_count(tmp_path: Path) -> None:
    for day, name in enumerate(("a", "b", "c"), 1):
        for table in ("impressions", "truth/impressions"):
            (tmp_path / table / f"date=2026-01-0{day}").mkdir(parents=True)
        shown = pl.DataFrame({"impression_id": [name], "arm": ["joint"]})
        shown.write_parquet(tmp_path / f"impressions/date=2026-01-0{day}/0.parquet")
        truth = pl.DataFrame({"impression_id": [name], "p_stream": [day / 10], "p_click": [0.5]})
        truth.write_parquet(tmp_path / f"truth/impressions/date=2026-01-0{day}/0.parquet")
    (tmp_path / "labelled").mkdir()
    rows = {"impression_id": ["a", "b", "c"], "source": "ad", "stream_tier": 1, "less_streamed": 0, "spend_micros": 1}
    pl.DataFrame(rows).write_parquet(tmp_path / "labelled/0.parquet")
    (row,) = expected_sums(tmp_path, tmp_path, "date=2026-01-02").to_dicts()
    assert (row["impressions"], row["stream"]) == (2, pytest.approx(0.5))
