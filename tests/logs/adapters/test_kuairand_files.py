from pathlib import Path

import pytest

from files.errors import FolderError
from logs.adapters import kuairand
from logs.adapters.errors import AdapterError
from logs.adapters.kuairand import adapt_kuairand
from tests.logs.adapters.kuairand_csv import LOG, STANDARD, USER, VIDEO, write_csv, write_release

USERS_FILE, VIDEOS_FILE = "user_features_pure.csv", "video_features_basic_pure.csv"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_release(tmp_path / "source", [{}, {"user_id": 8}])


def refuses(source: Path, message: str) -> None:
    """Adapting `source` fails with `message` in one line, and leaves nothing behind."""
    out = source.parent / "logs"
    with pytest.raises(AdapterError, match=message) as caught:
        adapt_kuairand(source, out)
    assert "\n" not in str(caught.value)
    assert not out.exists()


def test_a_missing_folder_is_named(tmp_path):
    refuses(tmp_path / "nowhere", r"nowhere is not a folder on this machine; name the one with")


@pytest.mark.parametrize("name", [STANDARD, USERS_FILE, VIDEOS_FILE])
def test_a_missing_file_is_named(source, name):
    (source / name).unlink()
    pattern = "log_standard_*_pure.csv" if name == STANDARD else name
    refuses(source, rf"holds no {pattern.replace('*', '[*]')} or .*; download KuaiRand-Pure")


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [(STANDARD, LOG, "long_view"), (USERS_FILE, USER, "register_days"), (VIDEOS_FILE, VIDEO, "author_id")],
)
def test_a_missing_column_is_named(source, name, row, column):
    write_csv(source / name, [{key: value for key, value in row.items() if key != column}])
    refuses(source, rf"{name} lacks the column '{column}'")


def test_a_file_there_twice_is_ambiguous(source):
    write_csv(source / f"{STANDARD}.gz", [LOG])
    refuses(source, rf"{STANDARD} is there both as .csv and as .csv.gz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tab": "x"}, r"cannot read .*: could not parse `x`"),
        ({"tab": ""}, "a value is missing in data row 2"),
        ({"is_like": 2}, "is_like is neither 0 nor 1 in data row 2"),
        ({"is_rand": 2}, "is_rand is neither 0 nor 1 in data row 2"),
        ({"time_ms": 1_650_844_800}, "time_ms is not in milliseconds in data row 2"),
    ],
)
def test_odd_values_are_named_with_their_row(source, changes, message):
    write_csv(source / STANDARD, [LOG, {**LOG, **changes}])
    refuses(source, message)


def test_an_odd_upload_day_is_an_error(source):
    write_csv(source / VIDEOS_FILE, [{**VIDEO, "upload_dt": "10.04.2022"}])
    refuses(source, rf"{VIDEOS_FILE}: upload_dt is not a day such as 2022-04-10 in data row 1")


def test_a_file_without_rows_is_an_error(source):
    (source / STANDARD).write_text(",".join(LOG) + "\n")
    refuses(source, f"{STANDARD} holds no rows")


def test_a_file_without_anything_is_an_error(source):
    (source / STANDARD).write_text("")
    refuses(source, f"cannot read .*{STANDARD}: empty CSV")


def test_a_file_cut_off_is_an_error(source):
    whole = source / STANDARD
    text = whole.read_text()
    whole.write_text(text[: text.rindex("20000")])
    refuses(source, "a value is missing in data row 2")


def test_a_gzipped_file_cut_off_is_an_error(source):
    (source / STANDARD).unlink()
    zipped = source / f"{STANDARD}.gz"
    write_csv(zipped, [{**LOG, "user_id": number} for number in range(1000)])
    zipped.write_bytes(zipped.read_bytes()[:-400])
    refuses(source, rf"cannot read .*{STANDARD}.gz: .*; download it again")


def test_a_folder_in_use_is_left_alone(source, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "mine.txt").write_text("mine")
    with pytest.raises(FolderError, match="exists and is not empty: delete it, or name another folder"):
        adapt_kuairand(source, tmp_path / "logs")
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["mine.txt"]


def test_a_release_of_nothing_but_videos_shown_at_random_is_an_error(source):
    write_csv(source / STANDARD, [{**LOG, "is_rand": 1}])
    refuses(source, r"holds randomly shown videos alone \(is_rand = 1\)")


def test_an_object_store_is_refused_and_no_folder_of_its_name_is_left(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FolderError, match=r"^gs://bucket/logs is not a folder on this machine: name one that is\.$"):
        adapt_kuairand(source, "gs://bucket/logs")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_an_attempt_that_failed_leaves_nothing_behind(source, tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kuairand.pq, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        adapt_kuairand(source, tmp_path / "logs")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_killed_attempt_is_replaced(source, tmp_path):
    (tmp_path / ".logs.partial" / "users" / "date=2022-04-01").mkdir(parents=True)
    adapt_kuairand(source, tmp_path / "logs")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "source"]
    assert not (tmp_path / "logs" / "users" / "date=2022-04-01").exists()
