"""The days of a world are revealed one at a time."""

from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.one_more_day import _mib, _reveal
from tests.components.ingestion.some_logs import at, episode, impression, interaction, write_some


def test_files_of_later_days_and_episodes_that_are_released_later_are_not_there(tmp_path: Path):
    episodes = [episode("early", release_timestamp=at(0, 1)), episode("late", release_timestamp=at(2, 1))]
    write_some(
        tmp_path / "world",
        [impression(f"i{day}", at(day, 8)) for day in range(3)],
        [interaction(f"x{day}", at(day, 9), "click") for day in range(3)],
        last_day=2,
        episodes=episodes,
    )
    logs = tmp_path / "logs"
    for until, days, released in ((date(2026, 1, 2), 2, ["early"]), (date(2026, 1, 3), 3, ["early", "late"])):
        _reveal(tmp_path / "world", logs, until)
        assert len(list((logs / "impressions").glob("date=*/*.parquet"))) == days
        assert len(list((logs / "interactions").glob("date=*/*.parquet"))) == days
        assert len(list((logs / "users").rglob("*.parquet"))) == 1
        assert pl.read_parquet(logs / "episodes" / "a.parquet")["episode_id"].to_list() == released


def test_space_is_that_of_all_files(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(bytes(2**20))
    assert _mib(tmp_path) == 1
