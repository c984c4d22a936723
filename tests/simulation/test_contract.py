"""The written logs keep the raw-log contract and the rules of the world."""

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from logs.schema import TABLES


def _read(logs: Path, table: str) -> pl.DataFrame:
    pattern = "date=*/*.parquet" if TABLES[table].daily else "*.parquet"
    return pl.read_parquet(logs / table / pattern, hive_partitioning=False)


def _snapshot(logs: Path, table: str) -> pl.DataFrame:
    """All snapshots with their folder's date."""
    return pl.read_parquet(logs / table / "date=*/*.parquet", hive_partitioning=True).with_columns(
        pl.col("date").cast(pl.Date)
    )


@pytest.mark.parametrize("name", TABLES)
def test_files_have_the_schema(tiny: Path, name: str) -> None:
    files = list((tiny / name).rglob("*.parquet"))
    assert files
    for path in files:
        assert pq.read_schema(path).equals(TABLES[name].schema)


@pytest.mark.parametrize("name", TABLES)
def test_only_nullable_columns_hold_nulls(tiny: Path, name: str) -> None:
    rows = _read(tiny, name)
    for column in TABLES[name].columns:
        if not column.nullable:
            assert rows[column.name].null_count() == 0, column.name


@pytest.mark.parametrize("name", ["impressions", "interactions"])
def test_rows_lie_in_the_utc_day_of_their_timestamp(tiny: Path, name: str) -> None:
    for folder in (tiny / name).iterdir():
        start = datetime.combine(date.fromisoformat(folder.name[5:]), datetime.min.time(), timezone.utc)
        times = pl.read_parquet(folder / "*.parquet", hive_partitioning=False)["timestamp"]
        assert start <= times.min()
        assert times.max() < start + timedelta(days=1)
        assert times.is_sorted()


def test_days_are_those_of_the_config(tiny: Path) -> None:
    def days(name: str) -> list[date]:
        return sorted(date.fromisoformat(folder.name[5:]) for folder in (tiny / name).iterdir())

    start = date(2026, 1, 5)
    period = [start + timedelta(days=number) for number in range(10)]
    assert days("interactions") == days("shows") == [start + timedelta(days=number) for number in range(-30, 10)]
    assert days("impressions") == days("users") == period


@pytest.mark.parametrize("name", ["impressions", "interactions", "episodes"])
def test_ids_are_unique(tiny: Path, name: str) -> None:
    assert _read(tiny, name)[TABLES[name].id].is_unique().all()


@pytest.mark.parametrize("name", ["users", "shows"])
def test_snapshots_are_unique_by_id_and_date(tiny: Path, name: str) -> None:
    assert not _snapshot(tiny, name).select(TABLES[name].id, "date").is_duplicated().any()


def test_ads_go_to_free_users_only(tiny: Path) -> None:
    ads = _read(tiny, "impressions").filter(source="ad").with_columns(date=pl.col("timestamp").dt.date())
    products = ads.join(_snapshot(tiny, "users"), on=["user_id", "date"], how="left")["product"]
    assert len(products) > 10_000
    assert (products == "free").all()


def test_spend_and_creatives_are_on_ads_only(tiny: Path) -> None:
    shown = _read(tiny, "impressions")
    ads, promotions = shown.filter(source="ad"), shown.filter(source="promotion")
    for column in ("spend_micros", "creative_id", "creative_format"):
        assert ads[column].null_count() == 0
        assert promotions[column].null_count() == len(promotions)
    assert (ads["spend_micros"] > 0).all()
    assert set(ads["creative_format"]) == {"audio", "video", "display"}


def test_budgets_are_kept(tiny: Path) -> None:
    spent = _read(tiny, "impressions").filter(source="ad").with_columns(date=pl.col("timestamp").dt.date())
    campaigns = pl.read_parquet(tiny / "truth" / "campaigns" / "*.parquet").filter(source="ad")
    daily = spent.group_by("campaign_id", "date").agg(pl.col("spend_micros").sum()).join(campaigns, on="campaign_id")
    assert (daily["spend_micros"] <= daily["daily_micros"]).all()
    total = spent.group_by("campaign_id").agg(pl.col("spend_micros").sum()).join(campaigns, on="campaign_id")
    assert (total["spend_micros"] <= total["budget_micros"]).all()
    assert (total["spend_micros"] == total["spent_micros"]).all()


def test_campaigns_run_on_their_days_for_their_show(tiny: Path) -> None:
    campaigns = pl.read_parquet(tiny / "truth" / "campaigns" / "*.parquet")
    shown = _read(tiny, "impressions").join(campaigns, on="campaign_id", suffix="_of_campaign")
    warmup = json.loads((tiny / "world.json").read_text())["config"]["warmup_days"]
    day = (shown["timestamp"].dt.date() - date(2026, 1, 5)).dt.total_days() + warmup
    assert (shown["show_id"] == shown["show_id_of_campaign"]).all()
    assert (shown["source"] == shown["source_of_campaign"]).all()
    assert ((shown["first_day"] <= day) & (day <= shown["last_day"])).all()


def test_only_streams_have_listening_times(tiny: Path) -> None:
    actions = _read(tiny, "interactions")
    streams, others = actions.filter(kind="stream"), actions.filter(pl.col("kind") != "stream")
    assert streams["listened_ms"].null_count() == 0
    assert streams["listened_ms"].min() > 0
    assert others["listened_ms"].null_count() == len(others)
    assert others.filter(pl.col("kind") != "search")["show_id"].null_count() == 0
    assert 0.05 < (streams["listened_ms"] < 60_000).mean() < 0.3


def test_named_episodes_shows_and_users_exist_by_then(tiny: Path) -> None:
    episodes = _read(tiny, "episodes")
    for rows in (_read(tiny, "impressions"), _read(tiny, "interactions")):
        named = rows.filter(pl.col("episode_id").is_not_null()).join(episodes, on="episode_id", how="left")
        assert (named["show_id"] == named["show_id_right"]).all()
        assert (named["release_timestamp"] <= named["timestamp"]).all()
    shown = _read(tiny, "impressions").with_columns(date=pl.col("timestamp").dt.date())
    assert len(shown.join(_snapshot(tiny, "shows"), on=["show_id", "date"])) == len(shown)
    assert len(shown.join(_snapshot(tiny, "users"), on=["user_id", "date"])) == len(shown)


def test_actions_name_earlier_impressions_of_the_same_user_and_show(tiny: Path) -> None:
    named = _read(tiny, "interactions").filter(pl.col("impression_id").is_not_null())
    both = named.join(_read(tiny, "impressions"), on="impression_id", how="left", suffix="_shown")
    assert len(both) > 500
    assert (both["user_id"] == both["user_id_shown"]).all()
    assert (both["show_id"] == both["show_id_shown"]).all()
    assert (both["timestamp"] >= both["timestamp_shown"]).all()


def test_shows_born_inside_appear_from_their_release_on(tiny: Path) -> None:
    born = _snapshot(tiny, "shows").filter(pl.col("release_date") > date(2026, 1, 5))
    first = born.group_by("show_id").agg(pl.col("date").min(), pl.col("release_date").first())
    assert len(first) >= 10
    assert (first["date"] == first["release_date"]).all()


def test_snapshots_agree_from_day_to_day(tiny: Path) -> None:
    users = _snapshot(tiny, "users").sort("user_id", "date")
    aged = users.group_by("user_id").agg(
        (pl.col("account_age_days").diff().drop_nulls() == 1).all(), pl.col("product").n_unique()
    )
    assert aged["account_age_days"].all()
    assert (aged["product"] == 1).all()


def test_weekly_snapshots(tmp_path: Path) -> None:
    from simulation.config import SimulationConfig
    from simulation.simulate import simulate

    config = SimulationConfig(
        preset="tiny", users=60, shows=60, days=9, warmup_days=1, impressions=900, snapshot_every_days=7
    )
    simulate(config, tmp_path / "world")
    days = sorted(folder.name for folder in (tmp_path / "world" / "users").iterdir())
    assert days == ["date=2026-01-05", "date=2026-01-12"]
