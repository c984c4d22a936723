"""Listing a folder of logs."""

import os
from pathlib import Path

import pytest

from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.listing import list_logs
from pipeline.check_logs import check_logs
from tests.components.ingestion.some_logs import at, impression, interaction, write_some


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    acts = [interaction("x", at(2, 2), "click")]
    return Path(write_some(tmp_path / "logs", [impression("i", at(2, 1))], acts, last_day=4))


def copies(logs: Path, count: int, name: str) -> list[Path]:
    """Copies of a file of users in `count` folders or under `count` names; {} is the number."""
    content = next((logs / "users").rglob("*.parquet")).read_bytes()
    paths = [logs / "users" / name.format(number) for number in range(count)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return paths


@pytest.mark.parametrize("name", ["day={:03}/part.parquet", "{:03}.parquet"])
def test_504_wrong_folders_are_one_sentence(logs, name):
    first = copies(logs, 504, name)[0]
    assert list_logs(str(logs)).problems == [
        f"{first} (and 503 more) does not lie in a folder date=YYYY-MM-DD of users"
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize("table", ["impressions", "interactions"])
def test_a_day_that_no_event_has_is_a_problem(logs, table, day):
    folder = logs / table / f"date={day}"
    folder.mkdir()
    (folder / "a.parquet").write_bytes(next((logs / table).rglob("*.parquet")).read_bytes())
    assert check_logs(str(logs)).problems == [
        f"{folder}/a.parquet lies on a day that no event has (1970-01-01 to 2199-12-31 are valid); remove the folder"
    ]


@pytest.mark.parametrize("day", ["1970-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_of_events_are_valid(logs, day):
    folder = logs / "impressions" / f"date={day}"
    folder.mkdir()
    (folder / "a.parquet").write_bytes(b"")
    assert list_logs(str(logs)).problems == []


def test_a_snapshot_may_have_any_day(logs):
    copies(logs, 1, "date=0001-01-01/part.parquet")
    assert list_logs(str(logs)).problems == []


def test_files_below_a_table_without_days_are_one_sentence(logs):
    for number in range(3):
        folder = logs / "episodes" / f"{number}"
        folder.mkdir()
        (folder / "part.parquet").write_bytes(next((logs / "episodes").glob("*.parquet")).read_bytes())
    assert list_logs(str(logs)).problems == [
        f"{logs}/episodes/0/part.parquet (and 2 more) must lie directly in {logs}/episodes"
    ]


def test_many_days_without_a_file_and_many_files_of_other_names_are_a_warning_each(logs):
    for day in range(10, 20):
        (logs / "users" / f"date=2026-03-{day}").mkdir()
    for path in copies(logs, 4, "date=2026-04-1{}/part.parquet"):
        path.with_name("part.csv").write_text("")
    assert sorted(list_logs(str(logs)).warnings) == [
        f"{logs}/users/date=2026-03-10 (and 9 more) holds no Parquet file and counts as no day",
        f"{logs}/users/date=2026-04-10/part.csv (and 3 more) is not read: its name does not end in .parquet",
    ]


@pytest.mark.parametrize("use", ["check-logs", "run"])
def test_a_file_name_that_is_not_utf_8_is_a_problem_in_a_sentence(logs, use):
    path = next((logs / "users").rglob("*.parquet"))
    path.rename(os.fsdecode(os.fsencode(path.parent) + b"/part-\xff.parquet"))
    message = rf"{path.parent}/part-\xff.parquet has a name that is not UTF-8; rename it"
    if use == "check-logs":
        assert check_logs(str(logs)).problems[0] == message
    else:
        with pytest.raises(LogError) as error:
            fingerprint(str(logs))
        assert str(error.value).startswith(message)
        str(error.value).encode()


def test_other_names_that_are_not_utf_8_are_escaped_in_warnings(logs):
    folder = os.fsencode(next((logs / "users").glob("date=*")))
    Path(os.fsdecode(folder + b"/\xe4.csv")).write_text("")
    (warning,) = list_logs(str(logs)).warnings
    assert r"/\xe4.csv is not read: its name" in warning
