"""Vectors of another length or with nulls are named with their file, and similarity needs a length."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.ingestion.run import ingest
from logs.errors import LogError
from pipeline.check_logs import check_logs
from tests.components.ingestion.bad_files.problems import change, only_file, problem_of
from transforms.features import FEATURES


def test_similarity_needs_a_feature_that_has_the_length_of_the_embeddings(logs):
    others = tuple(feature for feature in FEATURES if feature.name not in ("show_embedding", "user_taste"))
    assert "user_show_similarity needs the length of the embeddings; keep user_taste" in problem_of(logs, others)


def test_the_file_with_a_vector_of_another_length_is_named(logs):
    good = only_file(logs, "shows")
    bad = good.with_name("z.parquet")
    shutil.copy(good, bad)
    short = pa.array([[0.5] * 15], pa.list_(pa.float32()))
    with bad.open("rb") as file:
        old_table = pq.ParquetFile(file).read()
    pq.write_table(old_table.set_column(old_table.schema.get_field_index("embedding"), "embedding", short), bad)
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


def test_lists_of_fixed_size_with_a_null_among_them(logs):
    path = next((logs / "shows").rglob("*.parquet"))
    table = pq.ParquetFile(path).read()
    two = pa.concat_tables([table, table])
    vectors = pa.array([[0.5] * 16, None], pa.list_(pa.float32(), 16))
    pq.write_table(two.set_column(two.schema.get_field_index("embedding"), "embedding", vectors), path)
    assert f"{path} holds lists of fixed size with nulls among them; write plain lists" in problem_of(logs)
