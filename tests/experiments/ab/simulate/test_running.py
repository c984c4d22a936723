"""A test of two days in a small world: arms, propensities, and features that know nothing of their own day."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from experiments.ab.simulate import running
from experiments.ab.simulate.assignment import arms_of
from experiments.ab.simulate.policy import policies_of
from experiments.ab.simulate.requests import Requests
from experiments.ab.simulate.running import pooled, run_test
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config

_FIRST, _LAST = date(2026, 1, 8), date(2026, 1, 9)
_POLICIES = policies_of(["promotions_only", "joint@epsilon=0.2"])


class _Made:
    """A model that finds all shows alike."""

    def rates(self, examples: np.ndarray) -> np.ndarray:
        return np.full(len(examples), 0.005)


@pytest.fixture(scope="module")
def asked() -> dict[int, pl.DataFrame]:
    """The features that the models were asked with, by weekday."""
    return {}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, asked: dict[int, pl.DataFrame]) -> Path:
    world = {"preset": "tiny", "seed": 0, "users": 80, "shows": 60, "days": 3, "warmup_days": 4, "impressions": 1200}
    folder = tmp_path_factory.mktemp("test")
    config = load_config("tiny", [f"root={folder}", *(f"simulation.{key}={value}" for key, value in world.items())])
    assert config.simulation is not None
    at_request = running.at_request

    def noted(features: pa.Table, config: Config, requests: Requests, candidates: int, weekday: int) -> pa.Table:
        table = at_request(features, config, requests, candidates, weekday)
        asked[weekday] = pl.DataFrame(pl.from_arrow(table))
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "at_request", noted)
        patch.setattr(running, "examples_of", lambda features, _: np.zeros(len(features)))
        config.beam.apply()
        run_test(config, config.simulation, _POLICIES, [_Made(), _Made()], 2, folder / "seed-0")  # type: ignore[list-item]
    return folder / "seed-0"


@pytest.fixture(scope="module")
def impressions(result: Path) -> pl.DataFrame:
    files = sorted(result.glob("logs/impressions/*/*.parquet"))
    frames = [pl.read_parquet(file, hive_partitioning=False) for file in files]
    return pl.concat(frames, how="diagonal").with_columns(day=pl.col("timestamp").dt.date())


def test_every_impression_of_the_test_has_the_arm_of_its_user(impressions: pl.DataFrame) -> None:
    in_test = pl.col("day").is_between(_FIRST, _LAST)
    assert impressions.filter(in_test)["arm"].null_count() == 0
    assert impressions.filter(~in_test)["arm"].drop_nulls().is_empty()
    rows = impressions.filter(in_test)
    arms = arms_of(rows["user_id"].to_list(), 0, 2)
    assert rows["arm"].to_list() == [_POLICIES[number].name for number in arms]


def test_propensities_of_ads(impressions: pl.DataFrame) -> None:
    ads = impressions.filter(pl.col("arm").is_not_null() & (pl.col("source") == "ad"))
    greedy, exploring = (ads.filter(pl.col("arm") == policy.name)["propensity"] for policy in _POLICIES)
    assert len(greedy) > 50
    assert (greedy == 1.0).all()
    assert exploring.is_between(0.2 / 8, 1.0).all()
    assert exploring.n_unique() > 2


def test_features_are_those_before_the_day(impressions: pl.DataFrame, asked: dict[int, pl.DataFrame]) -> None:
    """On the second day, the ads of the first one count; those of the same day and other candidates do not."""
    second = asked[_LAST.weekday()]
    before = impressions.filter(pl.col("day") < _LAST).group_by("user_id", "show_id").len("times")
    joined = second.join(before, on=["user_id", "show_id"], how="left", maintain_order="left")
    assert second["user_show_impressions_7d"].to_list() == joined["times"].fill_null(0).to_list()
    assert joined["times"].drop_nulls().len() > 100
    assert second["hour"].n_unique() > 10
    assert second["weekday"].unique().to_list() == [str(_LAST.weekday())]


def test_the_server_knows_the_session(impressions: pl.DataFrame, asked: dict[int, pl.DataFrame]) -> None:
    """An ad is shown with the position that the model was asked with, unless one before it stayed empty."""
    second = asked[_LAST.weekday()]
    assert second["user_impressions_today"].max() > 0
    assert (second["session_position"] >= 1).all()
    assert second["session_position"].max() >= impressions.filter(pl.col("day") == _LAST)["session_position"].max()


def test_pooled_users_of_two_worlds_do_not_mix(result: Path) -> None:
    users, truth = pooled([result, result])
    assert set(users["user_id"].str.slice(0, 7)) == {"seed-0 "}
    arms = {policy.name for policy in _POLICIES}
    assert set(users["arm"].drop_nulls()) == arms
    sums = truth.group_by("arm").agg(pl.col("impressions", "stream").sum())
    assert set(sums["arm"]) == arms
    assert ((sums["stream"] / sums["impressions"]).is_between(0.0001, 0.1)).all()
