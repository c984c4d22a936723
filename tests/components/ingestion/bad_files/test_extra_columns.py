"""Columns beyond the contract: features read them, and other ones change nothing."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logs.errors import LogError
from logs.opening import open_logs
from tests.components.ingestion.bad_files.problems import only_file, problem_of
from tests.components.ingestion.in_process import ingest_in_process
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES


def test_a_date_column_in_a_snapshots_file_is_ignored(logs):
    path = only_file(logs, "users")
    with path.open("rb") as file:
        old_table = pq.ParquetFile(file).read()
    pq.write_table(old_table.append_column("date", pa.array(["2026-01-01"])), path)
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
            old_table = pq.ParquetFile(file).read()
        pq.write_table(old_table.append_column(column, array), path)
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
