"""Missing tables and columns, and types that do not fit, stop the run before anything is written (docs/data.md)."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.check_logs import check_logs
from tests.components.ingestion.bad_files.problems import change, only_file, problem_of
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.some_logs import at
from transforms.features import FEATURES


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
