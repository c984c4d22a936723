"""A folder without results is an error that names it."""

from pathlib import Path

import pytest

from components.evaluation.errors import EvaluationError
from components.evaluation.results import load
from components.evaluation.scores import read_scores


def test_a_folder_without_metrics_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="holds no metrics"):
        load(str(tmp_path))


def test_a_folder_without_scores_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="has no file scores-"):
        read_scores(str(tmp_path))
