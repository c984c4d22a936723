"""The command from an empty folder: it trains two models, and lets them sell the ads of a small world."""

import csv
from pathlib import Path

import polars as pl
import pytest

from experiments.ab.simulate.command import simulate

CONFIG = """
name: smallest
simulation: {preset: tiny, users: 600, shows: 120, impressions: 12000}
tiers: {boundaries_hours: [200, 100, 60, 35, 18, 8, 3], less_streamed_below: 50}
split: {validation_days: 2, test_days: 2}
validation: {train_test: {enabled: false}}
features: {without: ["*_rate_30d", "*_shown_30d"]}
trainer: {epochs: 1}
evaluator: {min_positives: 5}
"""


@pytest.mark.slow
def test_two_models_sell_the_ads_of_a_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, out = tmp_path / "smallest.yaml", tmp_path / "out"
    config.write_text(CONFIG)

    def run() -> str:
        simulate(
            str(config),
            policies="promotions_only,joint@raw+epsilon=0.1",
            days=1,
            worlds=None,
            out=str(out),
            overrides=[f"root={tmp_path}/root", f"logs={tmp_path}/logs"],
        )
        return capsys.readouterr().out

    printed = run()
    assert "models of the run" in printed
    assert "joint@raw+epsilon=0.1 against promotions_only, simulated" in printed
    assert (out / "ab.svg").read_text().startswith("<?xml")
    rows = list(csv.DictReader((out / "ab.csv").open(encoding="utf-8")))
    assert len(rows) == 2 * 4 + 8 * 2
    overall = next(row for row in rows if (row["segment"], row["metric"]) == ("all", "i2s"))
    assert -1 < float(overall["expected"]) < 5
    (result,) = (out / "ab").iterdir()
    shown = pl.concat(
        [pl.read_parquet(file, hive_partitioning=False) for file in result.glob("logs/impressions/*/*.parquet")],
        how="diagonal",
    )
    ads = shown.filter((pl.col("source") == "ad") & pl.col("arm").is_not_null())
    assert ads.group_by("arm").len()["len"].min() > 100
    assert ads["propensity"].is_between(0.1 / 8, 1).all()

    again = run()
    assert f"world-7: kept in {result}" in again
    assert list(csv.DictReader((out / "ab.csv").open(encoding="utf-8"))) == rows
