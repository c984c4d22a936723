"""What a user is told about logs beforehand, and when logs count as changed."""

import os
import shutil
from pathlib import Path

import pytest

from components.ingestion.config import IngestionConfig
from components.split.config import SplitConfig
from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.opening import open_logs
from pipeline.check_logs import check_logs
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.features import FEATURES


@pytest.fixture
def logs(tmp_path):
    shown = [impression("i", at(2, 1)), impression("j", at(2, 1), source="email")]
    acts = [interaction("x", at(2, 2), "click"), interaction("y", at(0), "click")]
    return write_some(tmp_path / "logs", shown, acts, last_day=4)


def test_sizes_spans_gaps_and_quarantine_are_told(logs):
    report = check_logs(logs)
    assert report.problems == []
    tables = {table.name: table for table in report.tables}
    assert (tables["interactions"].days, tables["interactions"].rows, tables["interactions"].files) == (3, 2, 3)
    assert (tables["interactions"].first, tables["interactions"].last) == ("2026-01-01", "2026-01-05")
    assert (tables["episodes"].days, tables["episodes"].first) == (0, None)
    assert report.quarantined["impressions"] == {"unknown_source": 1}
    warnings = "\n".join(report.warnings)
    assert "interactions: 2 days between the first and the last have no partition: 2026-01-02, 2026-01-04" in warnings
    assert "less than 30 days before the first impressions of 2026-01-03" in warnings
    assert "impressions: 1 of 2 rows would be quarantined (1 unknown_source)" in warnings
    assert "impressions: no usable row has source 'ad'; a run needs both sources" in warnings
    assert "source 'promotion'" not in warnings


def test_one_day_that_is_missing_is_one(tmp_path):
    logs = write_some(tmp_path / "logs", [impression("i", at(0, 1)), impression("j", at(2, 1))], [], last_day=4)
    days = "impressions: 1 day between the first and the last has no partition: 2026-01-02"
    assert days in check_logs(logs).warnings


def test_more_quarantine_than_is_allowed_is_a_problem_as_it_is_for_the_gate(logs):
    (problem,) = check_logs(logs, ingestion=IngestionConfig(max_quarantined_fraction=0.49)).problems
    assert problem == (
        "1 of 2 impressions (50 %) are quarantined (1 unknown_source): more than ingestion.max_quarantined_fraction "
        "= 49 % of a table; mend the logs or raise the fraction"
    )
    report = check_logs(logs, ingestion=IngestionConfig(max_quarantined_fraction=0.5))
    assert report.problems == []
    assert "1 of 2 rows would be quarantined" in "\n".join(report.warnings)


@pytest.mark.parametrize(
    ("ads_on", "windows", "said"),
    [
        (range(4), 24, None),
        ((0, 1, 2), 24, "Split test (2026-01-04 to 2026-01-04, 1 labelled impressions) has none of source 'ad'"),
        (range(4), 48, "Split train is empty"),  # the last day is not mature: one day less
    ],
)
def test_days_that_a_run_could_not_split_are_warned_of(tmp_path, ads_on, windows, said):
    shown = [impression(f"p{day}", at(day, 1)) for day in range(4)]
    shown += [impression(f"a{day}", at(day, 1), source="ad") for day in ads_on]
    acts = [interaction(f"x{day}", at(day, 2), "click") for day in range(5)]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=4)
    config = IngestionConfig.model_validate({"windows_hours": {"stream": windows}})
    split = SplitConfig(validation_days=2, test_days=1)
    warned = [one for one in check_logs(logs, ingestion=config, split=split).warnings if "run would stop" in one]
    assert len(warned) == (said is not None)
    assert said is None or said in warned[0]


def test_a_file_that_is_not_there_after_all_has_no_fingerprint_but_a_sentence(logs):
    path = next((Path(logs) / "users").rglob("*.parquet"))
    dangling = path.with_name("dangling.parquet")
    dangling.symlink_to(path.with_name("gone"))
    with pytest.raises(LogError, match=r"dangling.parquet cannot be read: No such file or directory; mend, remove"):
        fingerprint(logs)


@pytest.mark.parametrize("wrong", ["stray file", "no table", "no folder"])
def test_what_ingestion_refuses_has_no_fingerprint_but_the_same_sentence(logs, tmp_path, wrong):
    users = Path(logs) / "users"
    if wrong == "stray file":
        shutil.copy(next(users.rglob("*.parquet")), users / "stray.parquet")
        said = r"users/stray.parquet does not lie in a folder date=YYYY-MM-DD of users"
    elif wrong == "no table":
        shutil.rmtree(users)
        said = r"table users is missing: no file matches .*/users/date=YYYY-MM-DD/\*.parquet"
    else:
        shutil.rmtree(logs)
        said = r"there are no logs in .*logs: no Parquet file lies in a folder impressions or interactions"
    with pytest.raises(LogError, match=said) as refused:
        open_logs(logs, FEATURES)
    with pytest.raises(LogError) as unnamed:
        fingerprint(logs)
    assert str(unnamed.value) == str(refused.value)


def test_touching_and_copying_keep_the_fingerprint(logs, tmp_path):
    before = fingerprint(logs)
    for path in Path(logs).rglob("*.parquet"):
        os.utime(path, (1, 1))
    assert fingerprint(logs) == before
    shutil.copytree(logs, tmp_path / "copy")
    assert fingerprint(str(tmp_path / "copy") + "/") == before
    (Path(logs) / "users/date=2026-01-01/_SUCCESS").touch()
    assert fingerprint(logs) == before


@pytest.mark.parametrize("change", ["byte", "name", "new", "gone"])
def test_any_change_of_content_changes_the_fingerprint(logs, change):
    before = fingerprint(logs)
    path = next((Path(logs) / "interactions").rglob("*.parquet"))
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    if change == "byte":
        data = bytearray(path.read_bytes())
        data[10] ^= 1
        path.write_bytes(bytes(data))
        os.utime(path, ns=times)
    elif change == "name":
        path.rename(path.with_name("other.parquet"))
    elif change == "new":
        shutil.copy(path, path.with_name("other.parquet"))
    else:
        path.unlink()
    assert fingerprint(logs) != before
