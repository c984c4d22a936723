import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from components.ingestion.run import ingest
from experiments.ab.errors import ExperimentError
from experiments.ab.measures.user_days import read_user_days
from logs.config import TiersConfig
from logs.errors import FileError
from tests.components.ingestion.some_logs import at, impression, interaction, write_some

AD = {"source": "ad", "spend_micros": 250_000}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Logs whose impressions have arms from the second day on, and their labelled impressions."""
    folder = tmp_path_factory.mktemp("ab")
    impressions = [
        impression("before", at(0, 1), **AD),
        impression("i1", at(1, 1), user="a", **AD),
        impression("i2", at(1, 2), user="a", **AD),
        impression("i3", at(1, 3), user="b", **AD),
        impression("promotion", at(1, 4), user="a"),
        impression("immature", at(3, 12), user="a", **AD),
    ]
    interactions = [
        interaction("s", at(1, 5), "stream", user="a", impression_id="i1"),
        interaction("short", at(1, 6), "stream", user="b", listened_ms=1000, impression_id="i3"),
        interaction("c", at(1, 7), "click", user="b", impression_id="i3"),
    ]
    logs = write_some(folder / "logs", impressions, interactions, last_day=3)
    arms = {"i1": "control", "i2": "control", "i3": "joint", "promotion": ""}
    path = Path(logs, "impressions/date=2026-01-02/a.parquet")
    rows = pl.read_parquet(path)
    rows.with_columns(arm=rows["impression_id"].replace_strict(arms)).write_parquet(path)
    ingest(logs, str(folder / "out"), tiers=TiersConfig(less_streamed_below=1), features=())
    return logs, str(folder / "out")


def test_labels_are_those_of_ingestion_and_the_arm_is_that_of_the_logs(folders: tuple[str, str]):
    rows = read_user_days(*folders).sort("day", "user_id")
    columns = ("user_id", "arm", "day", "impressions", "stream", "click", "spend")
    assert rows.select(columns).rows() == [
        ("u", None, date(2026, 1, 1), 1, 0, 0, 0.25),  # its file has no column `arm`
        ("a", "control", date(2026, 1, 2), 2, 1, 0, 0.5),
        ("b", "joint", date(2026, 1, 2), 1, 0, 1, 0.25),
    ]
    assert rows["less_streamed"].to_list() == [1, 1, 1]
    assert rows["stream_tier"].to_list() == [7, 7, 7]


def test_the_sources_with_spend_count_by_default(folders: tuple[str, str]):
    assert read_user_days(*folders)["source"].unique().to_list() == ["ad"]
    promotions = read_user_days(*folders, ["promotion"])
    assert promotions.select("user_id", "arm", "spend").rows() == [("a", None, 0)], "an empty arm is none"
    with pytest.raises(ExperimentError, match="of the source 'email'; the sources are ad, promotion"):
        read_user_days(*folders, ["email"])


def test_a_folder_without_labelled_impressions(folders: tuple[str, str]):
    with pytest.raises(ExperimentError, match="holds no labelled impressions: name a folder of `coldcast ingest`"):
        read_user_days(folders[0], folders[0])


def test_arms_that_are_no_text(folders: tuple[str, str], tmp_path: Path):
    shutil.copytree(folders[0], tmp_path / "logs")
    path = tmp_path / "logs/impressions/date=2026-01-02/a.parquet"
    rows = pl.read_parquet(path)
    rows.with_columns(arm=pl.lit(0.5)).write_parquet(path)
    with pytest.raises(FileError, match="column arm has type double instead of string, integer or boolean"):
        read_user_days(str(tmp_path / "logs"), folders[1])
