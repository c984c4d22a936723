"""Reading kept scores: whole, or only some columns."""

from pathlib import Path

import polars as pl
import pytest

from components.evaluation.errors import EvaluationError
from components.evaluation.paired.compare import compare
from components.evaluation.scores import Scores, read_compared, read_scores
from tests.components.report.artifacts import SCORES, write_scores


@pytest.fixture
def scores() -> Scores:
    """Scores of a model and of the last blessed one."""
    scores = SCORES["joint"]
    return Scores(scores.about, scores.rows.with_columns(pl.col("candidate.click").alias("baseline.click")))


def test_scores_are_read_from_all_files_in_the_order_of_impressions(tmp_path: Path, scores: Scores):
    reversed_ = Scores(scores.about, scores.rows.reverse())
    whole = read_scores(write_scores(reversed_, tmp_path / "scores", files=3))
    assert whole.about == scores.about
    assert whole.rows.equals(scores.rows)


def test_only_the_wanted_columns_are_read_and_the_id(tmp_path: Path, scores: Scores):
    uri = write_scores(scores, tmp_path / "scores")
    assert read_scores(uri, ["source"]).rows.columns == ["impression_id", "source"]


def test_a_comparison_needs_the_model_s_own_scores_and_the_outcomes(tmp_path: Path, scores: Scores):
    uri = write_scores(scores, tmp_path / "scores")
    few = read_compared(uri)
    columns = {"impression_id", "label.stream", "label.click", "candidate.stream", "candidate.click"}
    assert set(few.rows.columns) == columns
    assert compare([scores], [few]) == compare([scores], [scores])
    assert set(read_compared(uri, ("user_id",)).rows.columns) == columns | {"user_id"}


@pytest.mark.parametrize("read", [read_scores, read_compared])
def test_a_folder_without_scores_is_an_error_that_names_it(tmp_path: Path, read):
    with pytest.raises(EvaluationError, match=r"has no file scores-\*\.parquet.*run the pipeline again"):
        read(str(tmp_path))
