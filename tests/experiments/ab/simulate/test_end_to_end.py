"""The command from an empty folder: it trains two models, and lets them sell the ads of a small world."""

import csv
from pathlib import Path

import polars as pl
import pytest

from experiments.ab.simulate.command import simulate

CONFIG = """
name: smallest
recipe: ads_stream_only
baseline: promotion_stream_only
simulation: {preset: tiny, users: 300, shows: 80, days: 4, warmup_days: 3, impressions: 4800}
tiers: {boundaries_hours: [200, 100, 60, 35, 18, 8, 3], less_streamed_below: 50}
split: {validation_days: 1, test_days: 1}
validation: {train_test: {enabled: false}}
features: {groups: [content, context], without: ["*_30d", "episode_*", "show_embedding", topics, genres, publisher]}
trainer: {epochs: 1, batch_size: 256}
evaluator: {min_positives: 5}
"""
"""The two recipes with one head each, and a handful of features: what is trained matters little here."""

POLICIES = "promotion_stream_only@calibrated,ads_stream_only@raw+epsilon=0.1"


@pytest.mark.slow
def test_two_models_sell_the_ads_of_a_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, out = tmp_path / "smallest.yaml", tmp_path / "out"
    config.write_text(CONFIG)

    def run() -> str:
        simulate(
            str(config),
            policies=POLICIES,
            days=1,
            worlds=None,
            out=str(out),
            overrides=[f"root={tmp_path}/root", f"logs={tmp_path}/logs"],
        )
        return capsys.readouterr().out

    printed = run()
    assert "models of the run" in printed
    assert "ads_stream_only@raw+epsilon=0.1 against promotion_stream_only@calibrated, simulated" in printed
    assert "promotion_stream_only@calibrated, from the logs of ads_stream_only@raw+epsilon=0.1" in printed
    assert (out / "ab.svg").read_text().startswith("<?xml")
    rows = list(csv.DictReader((out / "ab.csv").open(encoding="utf-8")))
    assert len(rows) == 2 * 4 + 8 * 2
    overall = next(row for row in rows if (row["segment"], row["metric"]) == ("all", "i2s"))
    assert -1 < float(overall["expected"]) < 5
    estimates = list(csv.DictReader((out / "off-policy.csv").open(encoding="utf-8")))
    assert {row["policy"] for row in estimates} == {
        "promotion_stream_only@calibrated",
        "ads_stream_only@raw+epsilon=0.1",
    }
    assert all(-1 < float(row["true_change"]) < 5 for row in estimates)
    (result,) = (out / "ab").iterdir()
    shown = pl.concat(
        [pl.read_parquet(file, hive_partitioning=False) for file in result.glob("logs/impressions/*/*.parquet")],
        how="diagonal",
    )
    ads = shown.filter((pl.col("source") == "ad") & pl.col("arm").is_not_null())
    assert ads.group_by("arm").len()["len"].min() > 50
    assert ads["propensity"].is_between(0.1 / 8, 1).all()

    again = run()
    assert f"world-7: kept in {result}" in again
    assert list(csv.DictReader((out / "ab.csv").open(encoding="utf-8"))) == rows
