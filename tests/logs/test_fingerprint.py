"""When logs count as changed."""

import os
import shutil
from pathlib import Path

import pytest

from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.opening import open_logs
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import Domain
from transforms.features import FEATURES


@pytest.fixture
def logs(tmp_path):
    return write_some(tmp_path / "logs", [impression("i", at(2, 1))], [interaction("x", at(2, 2), "click")], last_day=4)


def test_a_dangling_link_is_an_error_in_one_sentence(logs):
    path = next((Path(logs) / "users").rglob("*.parquet"))
    dangling = path.with_name("dangling.parquet")
    dangling.symlink_to(path.with_name("gone"))
    with pytest.raises(
        LogError, match=r"dangling.parquet cannot be read: No such file or directory; fix the file, remove"
    ):
        fingerprint(logs)


def test_dangling_links_are_one_sentence_for_each_reason(logs):
    folder = next((Path(logs) / "users").rglob("*.parquet")).parent
    for number in range(3):
        (folder / f"dangling-{number}.parquet").symlink_to(folder / "gone")
    (folder / "loop.parquet").symlink_to(folder / "loop.parquet")
    with pytest.raises(LogError) as refused:
        fingerprint(logs)
    message = str(refused.value)
    assert f"{folder}/dangling-0.parquet (and 2 more) cannot be read: No such file or directory;" in message
    assert message.count("cannot be read") == 2


@pytest.mark.parametrize("wrong", ["stray file", "no table", "no folder"])
def test_logs_that_ingestion_refuses_are_refused_with_the_same_sentence(logs, tmp_path, wrong):
    users = Path(logs) / "users"
    if wrong == "stray file":
        shutil.copy(next(users.rglob("*.parquet")), users / "stray.parquet")
        message = r"users/stray.parquet does not lie in a folder date=YYYY-MM-DD of users"
    elif wrong == "no table":
        shutil.rmtree(users)
        message = r"table users is missing: no file matches .*/users/date=YYYY-MM-DD/\*.parquet"
    else:
        shutil.rmtree(logs)
        message = r"there are no logs in .*logs: no Parquet file lies in a folder impressions or interactions"
    with pytest.raises(LogError, match=message) as refused:
        open_logs(logs, FEATURES, Domain())
    with pytest.raises(LogError) as error:
        fingerprint(logs)
    assert str(error.value) == str(refused.value)


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
