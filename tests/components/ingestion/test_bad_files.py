"""Files that break the contract stop the run before anything is written, with one clear sentence (docs/data.md)."""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.ingestion.run import ingest
from logs.errors import LogError
from logs.fingerprint import fingerprint
from logs.opening import open_logs
from pipeline.check_logs import check_logs
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES


@pytest.fixture
def logs(tmp_path):
    acts = [interaction("x", at(0, 3), "stream", listened_ms=61_000)]
    return Path(write_some(tmp_path / "logs", [impression("i", at(0, 2), spend_micros=5)], acts, last_day=2))


def only_file(logs, table):
    return next((logs / table).rglob("*.parquet"))


def change(logs, table, column, array):
    """Replaces a column of a table's first file, or drops it if `array` is None."""
    path = next(path for path in sorted((logs / table).rglob("*.parquet")) if pq.ParquetFile(path).metadata.num_rows)
    with path.open("rb") as file:
        read = pq.ParquetFile(file).read()
    index = read.schema.get_field_index(column)
    changed = read.remove_column(index) if array is None else read.set_column(index, column, array)
    pq.write_table(changed, path, version="2.6")
    return path


def problem_of(logs, features=FEATURES):
    with pytest.raises(LogError) as error:
        ingest_in_process(str(logs), logs.parent / "out", features=features)
    assert "\n" not in str(error.value)
    assert not (logs.parent / "out").exists() or not list((logs.parent / "out").rglob("*.parquet"))
    return str(error.value)


@pytest.mark.parametrize("table", ["impressions", "interactions", "users", "shows", "episodes"])
def test_a_missing_table(logs, table):
    shutil.rmtree(logs / table)
    assert f"table {table} is missing" in problem_of(logs)


def test_a_missing_column(logs):
    path = change(logs, "impressions", "slot", None)
    assert f"{path} has no column slot" in problem_of(logs)


def test_all_problems_are_named_at_once(logs):
    change(logs, "impressions", "slot", None)
    change(logs, "users", "language", pa.array([5]))
    shutil.rmtree(logs / "shows")
    message = problem_of(logs)
    assert "no column slot" in message
    assert "column language has type int64 instead of string" in message
    assert "table shows is missing" in message


def test_the_same_problem_of_many_files_is_one_sentence(logs):
    for day in ("05", "06", "07"):
        shutil.copytree(only_file(logs, "users").parent, logs / "users" / f"date=2026-01-{day}")
    for path in (logs / "users").rglob("*.parquet"):
        pq.write_table(pa.table({"user_id": ["u"]}), path)
    assert problem_of(logs).count("has no column language") == 1
    assert "(and 3 more) has no column language" in problem_of(logs)
    (problem,) = [problem for problem in check_logs(str(logs)).problems if "has no column language" in problem]
    assert "(and 3 more)" in problem


@pytest.mark.parametrize(
    ("table", "column", "array", "words"),
    [
        ("impressions", "timestamp", pa.array([at(0, 2)], pa.timestamp("us")), "without a time zone"),
        ("impressions", "timestamp", pa.array([at(0, 2)]), "has type int64"),
        ("impressions", "user_id", pa.array([7]), "has type int64 instead of string"),
        ("impressions", "session_position", pa.array(["1"]), "has type string instead of int64"),
        ("impressions", "session_position", pa.array([1.5]), "session_position does not fit int64 without loss"),
        ("impressions", "session_position", pa.array([2**63], pa.uint64()), "does not fit int64 without loss"),
        ("impressions", "surface", pa.nulls(1), "holds nothing but nulls, and is not optional"),
        ("interactions", "timestamp", pa.array([1], pa.timestamp("ns", "UTC")), "without loss"),
        ("shows", "genres", pa.array(["news"]), "has type string"),
        ("shows", "embedding", pa.array([[0.1] * 16]), "write its values as float32"),
        ("shows", "embedding", pa.array([[0.5] * 15], pa.list_(pa.float32())), "has the length 16;"),
        ("episodes", "duration_ms", pa.array([True]), "has type bool"),
    ],
)
def test_a_type_that_cannot_be_cast_without_loss(logs, table, column, array, words):
    path = change(logs, table, column, array)
    message = problem_of(logs)
    assert words in message
    assert str(path) in message
    assert check_logs(str(logs)).problems


@pytest.mark.parametrize(
    ("table", "column", "array"),
    [
        ("impressions", "user_id", pa.array(["u"], pa.large_string())),
        ("impressions", "user_id", pa.array(["u"]).dictionary_encode()),
        ("impressions", "session_position", pa.array([1], pa.int8())),
        ("impressions", "session_position", pa.array([1], pa.uint64())),
        ("impressions", "spend_micros", pa.array([5.0])),
        ("impressions", "creative_id", pa.nulls(1)),
        ("impressions", "timestamp", pa.array([at(0, 2) // 1_000_000], pa.timestamp("s", "Europe/Berlin"))),
        ("interactions", "listened_ms", pa.array([61_000], pa.int32())),
        ("interactions", "listened_ms", pa.array([61_000.0], pa.float32())),
        ("interactions", "show_id", pa.array(["s"], pa.large_string())),
        ("shows", "genres", pa.array([["news"]], pa.large_list(pa.large_string()))),
        ("shows", "topics", pa.array([["war"]], pa.list_(pa.dictionary(pa.int8(), pa.string())))),
        ("shows", "embedding", pa.array([[0.5] * 16])),
        ("shows", "embedding", pa.array([[0.5] * 16], pa.list_(pa.float32(), 16))),
        ("shows", "embedding", pa.array([[0.5] * 16], pa.large_list(pa.float64()))),
    ],
)
def test_lossless_casts_change_nothing(logs, table, column, array):
    expected = ingest_in_process(str(logs), logs.parent / "before")
    change(logs, table, column, array)
    result = ingest_in_process(str(logs), logs.parent / "after")
    assert result.labelled.equals(expected.labelled)
    assert result.accounting == expected.accounting


def test_a_list_column_without_values_has_its_declared_type(logs):
    change(logs, "shows", "embedding", pa.array([[]], pa.list_(pa.null())))
    change(logs, "shows", "genres", pa.array([[]], pa.list_(pa.null())))
    assert "has the length 16;" in problem_of(logs)
    assert check_logs(str(logs)).problems
    others = tuple(
        feature for feature in FEATURES if not feature.name.endswith(("_embedding", "_taste", "_similarity"))
    )
    (row,) = ingest_in_process(str(logs), logs.parent / "a", features=others).rows
    assert row["genres"] == []


def test_similarity_needs_a_feature_that_has_the_length_of_the_embeddings(logs):
    others = tuple(feature for feature in FEATURES if feature.name not in ("show_embedding", "user_taste"))
    assert "user_show_similarity needs the length of the embeddings; keep user_taste" in problem_of(logs, others)


def test_the_file_with_a_vector_of_another_length_is_named(logs):
    good = only_file(logs, "shows")
    bad = good.with_name("z.parquet")
    shutil.copy(good, bad)
    short = pa.array([[0.5] * 15], pa.list_(pa.float32()))
    with bad.open("rb") as file:
        read = pq.ParquetFile(file).read()
    pq.write_table(read.set_column(read.schema.get_field_index("embedding"), "embedding", short), bad)
    message = (
        f"{bad} cannot be used: shows.embedding holds vectors of 15 numbers, and the feature user_taste has the length "
        "16; set features.embedding_length"
    )
    assert problem_of(logs).startswith(message)


def test_the_same_problem_of_vectors_in_many_files_is_one_sentence(logs):
    path = change(logs, "shows", "embedding", pa.array([[0.5] * 8], pa.list_(pa.float32())))
    for day in ("05", "06"):
        shutil.copytree(path.parent, logs / "shows" / f"date=2026-01-{day}")
    (problem,) = check_logs(str(logs)).problems
    assert problem.startswith(f"{path} (and 2 more) cannot be used: shows.embedding holds vectors of 8 numbers")
    with pytest.raises(LogError) as error:
        ingest(str(logs), str(logs.parent / "out"))
    assert str(error.value) == problem


def test_a_null_within_a_vector_is_refused(logs):
    change(logs, "shows", "embedding", pa.array([[0.5] * 15 + [None]], pa.list_(pa.float32())))
    assert "shows.embedding holds vectors with nulls among their numbers" in problem_of(logs)


def test_a_folder_that_cannot_be_read_is_an_error(logs, monkeypatch):
    locked = str(logs / "interactions" / "date=2026-01-03")
    scandir = os.scandir

    def refuse(path):
        if str(path) == locked:
            raise PermissionError(13, "Permission denied", locked)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    message = f"{locked} cannot be read: Permission denied; fix it or allow to read it"
    for use in (check_logs, lambda path: open_logs(path, FEATURES, Domain()), fingerprint):
        with pytest.raises(LogError) as error:
            use(str(logs))
        assert str(error.value) == message


def test_a_truncated_file(logs):
    path = only_file(logs, "users")
    path.write_bytes(path.read_bytes()[:-20])
    assert f"{path} cannot be read as Parquet" in problem_of(logs)


def test_a_corrupt_page_is_found_before_anything_is_written_and_without_a_traceback_of_beam(logs, tmp_path):
    path = only_file(logs, "users")
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(bytes(data))
    with pytest.raises(LogError, match="cannot be read as Parquet") as error:
        ingest(str(logs), str(tmp_path / "out"))
    assert str(path) in str(error.value)
    assert "Traceback" not in str(error.value)
    assert not (tmp_path / "out").exists()
    assert check_logs(str(logs)).problems


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


def test_a_date_column_in_a_snapshots_file_is_ignored(logs):
    path = only_file(logs, "users")
    with path.open("rb") as file:
        read = pq.ParquetFile(file).read()
    pq.write_table(read.append_column("date", pa.array(["2026-01-01"])), path)
    assert len(ingest_in_process(str(logs), logs.parent / "a").rows) == 1


def test_an_unknown_derived_column_and_an_absent_extra_column_are_named(logs):
    wrong = Feature(name="mood", group="user", kind="numeric", column="derived.mood", per="request")
    with pytest.raises(LogError, match=r"feature mood: no derived column 'mood'; valid ones are user_streams_30d"):
        open_logs(str(logs), (wrong,), Domain())
    number = Feature(name="level", group="user", kind="numeric", column="users.level", per="request")
    text = Feature(name="rank", group="user", kind="category", column="users.level", per="request")
    message = r"features level \(numeric\) and rank \(category\) cannot both be made of users\.level; give one of them"
    with pytest.raises(LogError, match=message):
        open_logs(str(logs), (number, text), Domain())
    absent = Feature(name="mood", group="user", kind="numeric", column="users.mood", per="request")
    assert "has no column mood" in problem_of(logs, (*FEATURES, absent))
    with pytest.raises(LogError, match=r"users\.language is string, which no numeric feature"):
        open_logs(str(logs), (absent.model_copy(update={"column": "users.language"}),), Domain())


def test_extra_columns_of_every_table_become_features(logs):
    names = {  # of ingestion's own columns, which a column of the user's logs may have, too
        "impressions": ("day", "chunk", "row", "click", "listened_ms", "streams", "followers", "tier_ms", "genres"),
        "users": ("day", "chunk", "row", "pair"),
        "shows": ("day", "chunk", "row", "streams"),
        "episodes": ("day", "chunk", "row"),
    }
    for table, column, array in (
        *((table, column, pa.array([f"my {column}"])) for table, columns in names.items() for column in columns),
        ("impressions", "rank", pa.array([3], pa.int16())),
        ("users", "is_student", pa.array([True])),
        ("shows", "moods", pa.array([["calm", None, "warm"]])),
        ("episodes", "loudness", pa.array([-14.5])),
    ):
        path = only_file(logs, table)
        with path.open("rb") as file:
            read = pq.ParquetFile(file).read()
        pq.write_table(read.append_column(column, array), path)
    extra = (
        Feature(name="rank", group="context", kind="numeric", column="impressions.rank", per="request"),
        Feature(name="rank_log", group="context", kind="numeric", column="impressions.rank", per="request", log=True),
        Feature(name="student", group="user", kind="category", column="users.is_student", per="request"),
        Feature(name="moods", group="content", kind="categories", column="shows.moods", per="candidate", length=1),
        Feature(name="loudness", group="content", kind="numeric", column="episodes.loudness", per="candidate"),
        Feature(name="again", group="content", kind="category", column="shows.show_id", per="candidate"),
        *(
            Feature(
                name=f"{table}_{column}", group="user", kind="category", column=f"{table}.{column}", per="candidate"
            )
            for table, columns in names.items()
            for column in columns
        ),
    )
    plain = ingest_in_process(str(logs), logs.parent / "plain").rows[0]
    (row,) = ingest_in_process(str(logs), logs.parent / "a", features=(*FEATURES, *extra)).rows
    assert {name: row[name] for name in plain} == plain, "the features of the table are as they were"
    for table in ("impressions", "users", "shows"):
        assert [row[f"{table}_{column}"] for column in names[table]] == [f"my {column}" for column in names[table]]
    assert row["again"] == "s"
    assert (row["rank"], row["rank_log"], row["student"]) == (3.0, 3.0, "true")
    assert (row["moods"], row["loudness"]) == (["calm"], None)


def test_lists_of_fixed_size_with_a_null_among_them(logs):
    path = next((logs / "shows").rglob("*.parquet"))
    table = pq.ParquetFile(path).read()
    two = pa.concat_tables([table, table])
    vectors = pa.array([[0.5] * 16, None], pa.list_(pa.float32(), 16))
    pq.write_table(two.set_column(two.schema.get_field_index("embedding"), "embedding", vectors), path)
    assert f"{path} holds lists of fixed size with nulls among them; write plain lists" in problem_of(logs)
