"""Files and folders where the layout has none: errors, or warnings."""

import shutil

from pipeline.check_logs import check_logs
from tests.components.ingestion.bad_files.problems import only_file, problem_of
from tests.components.ingestion.in_process import ingest_in_process


def test_a_file_outside_a_days_folder_is_not_silently_ignored(logs):
    shutil.copy(only_file(logs, "users"), logs / "users" / "stray.parquet")
    assert "stray.parquet does not lie in a folder date=YYYY-MM-DD" in problem_of(logs)


def test_a_day_that_does_not_exist(logs):
    shutil.copytree(only_file(logs, "users").parent, logs / "users" / "date=2026-02-30")
    assert "does not lie in a folder date=YYYY-MM-DD" in problem_of(logs)


def test_files_of_other_names_give_a_warning_unless_they_are_hidden_or_markers(logs):
    for name in ("part-0", "a.PARQUET", "_SUCCESS", ".hidden.parquet"):
        shutil.copy(only_file(logs, "users"), only_file(logs, "users").parent / name)
    (warning,) = [warning for warning in check_logs(str(logs)).warnings if "is not read" in warning]
    day = only_file(logs, "users").parent
    assert warning == f"{day}/a.PARQUET (and 1 more) is not read: its name does not end in .parquet"


def test_an_empty_folder_of_a_day_is_no_partition_and_gives_a_warning(logs):
    assert ingest_in_process(str(logs), logs.parent / "a").accounting.summary()["impressions"]["labelled"] == 1
    for day in ("2026-01-02", "2026-01-03"):
        shutil.rmtree(logs / "interactions" / f"date={day}")
        (logs / "interactions" / f"date={day}").mkdir()
    report = check_logs(str(logs))
    assert report.problems == []
    assert any("2026-01-02 (and 1 more) holds no Parquet file" in warning for warning in report.warnings)
    assert ingest_in_process(str(logs), logs.parent / "b").accounting.summary()["impressions"]["immature"] == 1
