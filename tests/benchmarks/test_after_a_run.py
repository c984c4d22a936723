from pathlib import Path

from benchmarks.after_a_run import counted
from components.evaluation.scores import read_scores
from components.report.changes import changes_of
from tests.components.report.artifacts import SCORES, write_scores


def test_files_bytes_and_comparisons_are_counted(tmp_path: Path) -> None:
    folders = {name: write_scores(scores, tmp_path / name, files=3) for name, scores in SCORES.items()}
    counts = counted(lambda: list(changes_of({name: read_scores(uri) for name, uri in folders.items()})))
    assert (counts["files"], counts["comparisons"]) == (6, 1)
    assert counts["bytes"] > 1000
    assert counted(lambda: None) == {}
