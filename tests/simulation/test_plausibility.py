"""The world is plausible, as docs/world.md describes it. No test aims at figures of the publication."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from logs.summary import base_rates, scan, show_hours, tiers
from pipeline.configuration.file import load_config
from simulation.config import SimulationConfig
from simulation.effects import RATES
from simulation.response import STREAM
from simulation.simulate import simulate

CONFIG = load_config(Path(__file__).resolve().parents[2] / "configs" / "tiny.yaml")
MIN_STREAM_MS = CONFIG.domain.labels["stream"].min_stream_ms


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_all_eight_tiers_hold_impressions_of_both_sources(tmp_path: Path, seed: int) -> None:
    simulate(SimulationConfig(preset="tiny", seed=seed), tmp_path / "world")
    counts = (
        tiers(tmp_path / "world", MIN_STREAM_MS, CONFIG.tiers.boundaries_hours).group_by("source", "stream_tier").len()
    )
    impressions = {(source, tier): count for source, tier, count in counts.iter_rows()}
    assert {tier for _, tier in impressions} == set(range(8))
    for source in ("promotion", "ad"):
        for tier in range(8):
            assert impressions.get((source, tier), 0) >= 10, (source, tier)


@pytest.mark.parametrize(("name", "streams"), [("default", 500), ("study", 1_000)])
def test_shipped_worlds_expect_enough_streams_of_ads_in_their_test_days(name: str, streams: int) -> None:
    config = load_config(Path(__file__).resolve().parents[2] / "configs" / f"{name}.yaml")
    world = config.simulation
    assert world is not None
    ads = world.impressions * world.ads_per_promotion / (1 + world.ads_per_promotion)
    assert ads * config.split.test_days / world.days * RATES[1][STREAM] > 1.1 * streams  # some find no campaign


def test_base_rates_are_of_the_right_order(tiny: Path) -> None:
    rows = base_rates(tiny, CONFIG.domain).select("source", "label", "rate").iter_rows()
    rates = {(source, label): rate for source, label, rate in rows}
    assert 0.03 < rates["promotion", "stream"] < 0.10
    assert 0.003 < rates["ad", "stream"] < 0.012
    for source in ("promotion", "ad"):
        for rare in ("like", "follow"):
            assert 0 < rates[source, rare] < rates[source, "stream"] / 2


def test_ads_outnumber_promotions_several_times(tiny: Path) -> None:
    counts = dict(scan(tiny, "impressions").group_by("source").len().collect().iter_rows())
    assert 3 < counts["ad"] / counts["promotion"] < 5
    assert 17_000 < sum(counts.values()) < 23_000


def test_popularity_spans_orders_of_magnitude(tiny: Path) -> None:
    hours = (
        show_hours(tiny, MIN_STREAM_MS).filter(pl.col("date") == pl.col("date").max())["hours"].sort(descending=True)
    )
    assert hours[0] > 100 * hours[len(hours) // 2]
    assert hours[0] < 0.25 * hours.sum()


def test_promotions_are_more_relevant_than_ads_and_ads_go_to_smaller_shows(tiny: Path) -> None:
    truth = pl.read_parquet(tiny / "truth" / "impressions" / "*" / "*.parquet", hive_partitioning=False)
    shows = pl.read_parquet(tiny / "truth" / "shows" / "*.parquet")
    shown = scan(tiny, "impressions").collect().join(truth, on="impression_id").join(shows, on="show_id")
    means = {row["source"]: row for row in shown.group_by("source").agg(pl.col("affinity", "rank").mean()).to_dicts()}
    assert means["promotion"]["affinity"] > means["ad"]["affinity"] + 0.3
    assert means["promotion"]["rank"] < means["ad"]["rank"]


def test_outcomes_come_at_the_true_probabilities(tiny: Path) -> None:
    truth = pl.read_parquet(tiny / "truth" / "impressions" / "*" / "*.parquet", hive_partitioning=False)
    for label in ("stream", "click", "like", "follow"):
        p, does = truth[f"p_{label}"].to_numpy(), truth[f"does_{label}"].to_numpy()
        assert abs(does.sum() - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum()), label


def test_true_probabilities_tell_impressions_apart(tiny: Path) -> None:
    """There is something to learn: a tenth of the impressions holds a third of what they cause."""
    truth = pl.read_parquet(tiny / "truth" / "impressions" / "*" / "*.parquet", hive_partitioning=False)
    both = scan(tiny, "impressions").collect().join(truth, on="impression_id")
    for source in ("promotion", "ad"):
        rows = both.filter(pl.col("source") == source).sort("p_stream", descending=True)
        tenth = rows.head(len(rows) // 10)["does_stream"].sum()
        assert tenth > 0.3 * rows["does_stream"].sum()


def test_logs_tell_something_of_the_outcomes(tiny: Path) -> None:
    """Shows whose embeddings are close to those that a user listened to before the period are streamed more often."""
    shows = pl.read_parquet(tiny / "shows" / "*" / "*.parquet", hive_partitioning=False).unique("show_id")
    centred = pl.DataFrame(shows["embedding"].to_list(), orient="row").select(pl.all() - pl.all().mean())
    shows = pl.concat([shows.select("show_id"), centred], how="horizontal")
    axes = centred.columns
    shown = scan(tiny, "impressions").collect()
    heard = scan(tiny, "interactions").collect().filter(kind="stream").filter(pl.col("listened_ms") >= 60_000)
    before = heard.filter(pl.col("timestamp") < shown["timestamp"].min())
    tastes = before.join(shows, on="show_id").group_by("user_id").agg(pl.mean(axes))
    truth = pl.read_parquet(tiny / "truth" / "impressions" / "*" / "*.parquet", hive_partitioning=False)
    ranked = (
        shown.join(tastes, on="user_id")
        .join(shows, on="show_id", suffix="_show")
        .join(truth.select("impression_id", "does_stream"), on="impression_id")
        .with_columns(closeness=pl.sum_horizontal(pl.col(axis) * pl.col(f"{axis}_show") for axis in axes))
        .sort("closeness", descending=True)
    )
    for source in ("promotion", "ad"):
        rows = ranked.filter(source=source)
        assert rows.head(len(rows) // 2)["does_stream"].sum() > 0.55 * rows["does_stream"].sum()
