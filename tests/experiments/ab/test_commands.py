"""The commands on a simulated world whose users are split at random: from raw logs to figures."""

import csv
import json
import math
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import typer

from components.ingestion.run import ingest
from experiments.ab.analyze.command import analyze
from experiments.ab.errors import ExperimentError
from experiments.ab.power.command import power
from pipeline.configuration.file import load_config
from pipeline.errors import RunsError
from simulation.simulate import simulate

START = date(2026, 1, 9)
PROMOTIONS = ["promotion"]
"""The tiny world's ads have too few streams to judge."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The logs of the tiny world: from `START` on, a third of the users is in each of two arms, the others in none."""
    folder = tmp_path_factory.mktemp("world")
    sizes = [f"simulation.{size}" for size in ("users=500", "shows=100", "warmup_days=4", "impressions=10000")]
    simulate(load_config("tiny", sizes).simulation, str(folder))
    for path in sorted((folder / "impressions").rglob("*.parquet")):
        rows = pl.read_parquet(path)
        third = rows["user_id"].hash(0) % 3
        if path.parent.name >= f"date={START}":
            arms = third.replace_strict({0: "control", 1: "joint", 2: None}, return_dtype=pl.String)
            rows.with_columns(arm=arms).write_parquet(path)
    return str(folder)


@pytest.fixture(scope="module")
def ingested(world: str) -> str:
    config = load_config("tiny")
    ingest(world, f"{world}/ingested", tiers=config.tiers, features=())
    return f"{world}/ingested"


@pytest.fixture
def overrides(tmp_path: Path) -> list[str]:
    return [f"root={tmp_path}/root"]


def test_analyze(world: str, overrides: list[str], tmp_path: Path, capsys: pytest.CaptureFixture):
    analyze(
        world, source=PROMOTIONS, csv=tmp_path / "a.csv", json=tmp_path / "a.json", config="tiny", overrides=overrides
    )
    printed = capsys.readouterr().out
    assert "A/B test from 2026-01-09 to 2026-01-13 (5 days), source promotion, adjusted by 3 days before" in printed
    content = json.loads((tmp_path / "a.json").read_text())
    files = sorted(Path(world, "impressions").rglob("*.parquet"))
    raw = pl.concat([pl.read_parquet(file) for file in files], how="diagonal")
    control, joint = content["arms"]
    assert (control["arm"], joint["arm"]) == ("control", "joint")
    expected = raw.filter(
        (pl.col("source") == "promotion")
        & (pl.col("timestamp").dt.date() <= date(2026, 1, 13))
        & (pl.col("timestamp").dt.date() >= START)
    )
    for arm in (control, joint):
        rows = expected.filter(pl.col("arm") == arm["arm"])
        assert (arm["impressions"], arm["users"]) == (len(rows), rows["user_id"].n_unique())
    assert content["outside"] == expected["arm"].is_null().sum()
    with (tmp_path / "a.csv").open(newline="") as file:
        line = next(row for row in csv.DictReader(file) if (row["segment"], row["metric"]) == ("all", "i2s"))
    assert float(line["control_value"]) == pytest.approx(control["streams"] / control["impressions"])
    assert float(line["low"]) < 0 < float(line["high"]), "nothing was different"


def test_a_broken_guardrail_is_an_exit_code(world: str, ingested: str, overrides: list[str]):
    options = {"source": PROMOTIONS, "ingested": ingested, "config": "tiny", "overrides": overrides}
    with pytest.raises(typer.Exit) as exited:
        analyze(world, guardrail=["impressions>=900%"], **options)
    assert exited.value.exit_code == 1


def test_power(world: str, ingested: str, overrides: list[str], tmp_path: Path, capsys: pytest.CaptureFixture):
    files = {"csv": tmp_path / "p.csv", "picture": tmp_path / "p.png"}
    power(world, lift=0.5, source=PROMOTIONS, ingested=ingested, config="tiny", overrides=overrides, **files)
    assert "Days until a change of +50.0% is found with 80% power" in capsys.readouterr().out
    with files["csv"].open(newline="") as file:
        line = next(row for row in csv.DictReader(file) if (row["segment"], row["metric"]) == ("all", "i2s"))
    assert 1 <= int(line["days"]) < 20
    assert files["picture"].stat().st_size > 1000


def test_errors_come_before_any_work(tmp_path: Path):
    for options, error in (
        ({"split": "a"}, ExperimentError),
        ({"csv": tmp_path / "none/a.csv"}, RunsError),
        ({"picture": tmp_path / "a"}, ExperimentError),
        ({"expected": math.inf}, ExperimentError),
        ({"start": datetime(2026, 1, 9), "end": datetime(2026, 1, 8)}, ExperimentError),
    ):
        with pytest.raises(error):
            analyze(str(tmp_path / "no logs"), **options)
