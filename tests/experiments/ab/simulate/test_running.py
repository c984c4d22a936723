"""A test of two days in a small world: arms, candidates, and features that know nothing of their own day."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate import running
from experiments.ab.simulate.assignment import arms_of
from experiments.ab.simulate.off_policy import judgements_of
from experiments.ab.simulate.requests import Requests
from experiments.ab.simulate.retraining import own
from experiments.ab.simulate.running import Earlier, pooled, pooled_candidates, run_test
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from simulation.effects import TERMS

_FIRST, _LAST = date(2026, 1, 8), date(2026, 1, 9)
_POLICIES = policies_of(["promotions_only", "joint@epsilon=0.2"])
_WORLD = {"preset": "tiny", "seed": 0, "users": 80, "shows": 60, "days": 3, "warmup_days": 4, "impressions": 1200}
_OF_WORLD = [f"simulation.{key}={value}" for key, value in _WORLD.items()]


class _Made:
    """A model that finds all shows alike."""

    def predictions(self, examples: np.ndarray) -> dict[str, np.ndarray]:
        return {"stream": np.full(len(examples), 0.005), "click": np.full(len(examples), 0.01)}


_MODELS = {policy.model: _Made() for policy in _POLICIES}


@pytest.fixture(scope="module")
def asked() -> dict[int, pl.DataFrame]:
    """The features that the models were asked with, by weekday."""
    return {}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, asked: dict[int, pl.DataFrame]) -> Path:
    folder = tmp_path_factory.mktemp("test")
    config = load_config("tiny", [f"root={folder}", *_OF_WORLD])
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
        run_test(config, config.simulation, _POLICIES, _MODELS, 2, folder / "seed-0")  # type: ignore[list-item]
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


def test_every_ad_has_its_candidates(impressions: pl.DataFrame, result: Path) -> None:
    files = sorted(result.glob("logs/decisions/*/*.parquet"))
    decisions = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files])
    ads = impressions.filter(pl.col("arm").is_not_null() & (pl.col("source") == "ad"))
    assert set(decisions["impression_id"]) == set(ads["impression_id"])
    assert len(decisions) == 8 * len(ads)
    chosen = ads.join(decisions.filter("chosen"), on="impression_id", suffix="_candidate", validate="1:1")
    for name in ("show_id", "campaign_id", "creative_id"):
        assert (chosen[name] == chosen[f"{name}_candidate"]).all()
    assert (chosen["propensity"] == chosen["probability"]).all()
    assert (decisions.filter(~pl.col("may_bid"))["probability"] == 0).all()
    assert (decisions["predicted_stream_promotions_only"] == 0.005).all()
    assert set(decisions.columns) >= {"predicted_click_joint", "bid_micros"}


def test_the_truth_of_what_was_shown_is_that_of_the_logs(result: Path) -> None:
    """A candidate's probability is over all degrees of attention, an impression's is with the one that it met."""
    rows, truth = (
        pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in sorted(result.glob(f"logs/{name}"))])
        for name in ("decisions/*/*.parquet", "truth/impressions/*/*.parquet")
    )
    shown = rows.filter("chosen").join(truth, on="impression_id", suffix="_met")
    assert len(shown) > 100
    attention = np.linspace(-8, 8, 401)
    shares = np.exp(-(attention**2) / 2) / np.exp(-(attention**2) / 2).sum()
    for name, place in (("p_stream", 0), ("p_click", 1)):
        effect = TERMS["attention"][1][place]
        p = shown[f"{name}_met"].to_numpy()
        logits = np.log(p) - np.log1p(-p) - effect * shown["attention"].to_numpy()
        over_all = (shares / (1 + np.exp(-logits[:, None] - effect * attention))).sum(axis=1)
        np.testing.assert_allclose(shown[name], over_all, rtol=1e-4)


def test_each_policy_is_judged_from_the_other_arm(result: Path) -> None:
    candidates = pooled_candidates([result])
    judgements = judgements_of(candidates, _POLICIES)
    assert [(row.policy, row.logged_by) for row in judgements] == [
        ("joint@epsilon=0.2", "promotions_only"),
        ("promotions_only", "joint@epsilon=0.2"),
    ]
    greedy, exploring = judgements
    assert greedy.support.unsupported > 0.1, "the greedy arm explores nothing"
    assert exploring.support.unsupported == 0
    assert (
        exploring.support.decisions
        == candidates.filter(pl.col("arm") == "joint@epsilon=0.2")["impression_id"].n_unique()
    )
    rows = {(row.metric, row.estimator): row for row in exploring.rows}
    assert {metric for metric, _ in rows} == {"i2s", "CTR", "value", "eCPS"}
    assert all(row.true_change is not None for row in exploring.rows)


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


@pytest.fixture(scope="module")
def next_test(result: Path) -> tuple[Path, list[pl.DataFrame]]:
    """A test of one day after one of a day, with a model for each arm, and the features of the last day by arm."""
    world = load_config("tiny", [f"root={result.parent}", *_OF_WORLD])
    assert world.simulation is not None
    policies, at_request, features = own(_POLICIES), running.at_request, []

    def noted(table: pa.Table, *rest: Any) -> pa.Table:
        features.append(pl.DataFrame(pl.from_arrow(table)))
        return at_request(table, *rest)

    models = {policy.model: _Made() for policy in policies}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "at_request", noted)
        patch.setattr(running, "examples_of", lambda features, _: np.zeros(len(features)))
        patch.setattr(running, "_write_results", lambda *_: None)
        world.beam.apply()
        folder, before = result.parent / "next", Earlier(1, models)  # type: ignore[arg-type]
        run_test(world, world.simulation, policies, models, 1, folder, earlier=before)  # type: ignore[arg-type]
    return folder, features[1:]


def _shown(folder: Path) -> pl.DataFrame:
    files = sorted(folder.glob("logs/impressions/*/*.parquet"))
    return pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files], how="diagonal")


def test_the_world_lives_the_earlier_test_again(next_test: tuple[Path, list[pl.DataFrame]], result: Path) -> None:
    folder, _ = next_test
    shown = _shown(folder)
    first, second = (shown.filter(pl.col("timestamp").dt.date() == day) for day in (_FIRST, _LAST))
    assert first.equals(_shown(result).filter(pl.col("timestamp").dt.date() == _FIRST))
    assert [path.name for path in folder.glob("logs/decisions/*")] == ["date=2026-01-09"], "those of the test itself"
    assert second["arm"].n_unique() == 2


def test_a_model_of_its_own_has_features_from_its_own_arm(next_test: tuple[Path, list[pl.DataFrame]]) -> None:
    folder, features = next_test
    assert len(features) == len(_POLICIES)
    shown = _shown(folder).filter(pl.col("timestamp").dt.date() < _LAST)
    for policy, asked_with in zip(_POLICIES, features, strict=True):
        seen = shown.filter(pl.col("arm").is_null() | (pl.col("arm") == policy.name))
        times = seen.group_by("user_id", "show_id").len("times")
        joined = asked_with.join(times, on=["user_id", "show_id"], how="left", maintain_order="left")
        assert asked_with["user_show_impressions_7d"].to_list() == joined["times"].fill_null(0).to_list()
