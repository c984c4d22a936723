"""A sample request, and the table of its scores."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.sample import sample_request, score_and_show
from serving.client.request_file import Request
from tests.pipeline.terminal.screens import Screen


def test_a_split_without_rows_left_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.sample.newest_output", lambda *_: str(tmp_path))
    with pytest.raises(RunsError, match=r"no longer has test rows .*; run the pipeline again"):
        sample_request(Config(), SimpleNamespace())


def client_of(scores: dict[str, list[float]]) -> SimpleNamespace:
    return SimpleNamespace(
        score_candidates=lambda *_: {head: np.array(values) for head, values in scores.items()},
        metadata=lambda: SimpleNamespace(version=1795494344),
    )


@pytest.mark.parametrize("width", [80, 50])
def test_shows_are_named_whole_on_a_narrow_terminal(width: int):
    shows = [f"4[b]J6Egrf8K2Iryw[/]wOM{number}" for number in range(3)]  # brackets that must not be read as markup
    request = Request({}, {"show_id": shows, "slot": ["home_promotion_card"] * 3})
    screen = Screen(width)
    score_and_show(Config(), request, client_of({task: [0.1, 0.3, 0.2] for task in Config().tasks}), screen)
    lines = screen.text.splitlines()
    assert " ".join(lines).startswith(
        "The 3 best of 3 candidates for one user by promotion_stream, scored over gRPC by version 1795494344"
    )
    assert all(len(line) <= width and "…" not in line for line in lines)
    rows = [line.split() for line in lines if line.startswith("4[b]")]
    scores = ["0.3000", "0.2000", "0.1000"]
    assert [row[0] for row in rows] == [shows[number] for number in (1, 2, 0)]
    assert all(score in row for row, score in zip(rows, scores, strict=True))


def test_heads_are_in_the_order_of_the_configs_tasks_and_other_heads_come_last():
    screen = Screen(120)
    scores = {"bought": [0.4], "click": [0.1], "ad_stream": [0.2], "promotion_stream": [0.3]}
    score_and_show(Config(), Request({}, {"slot": [None]}), client_of(scores), screen)
    row = screen.text.splitlines()[-1].split()
    assert [cell for cell in row if cell.startswith("0.")] == ["0.3000", "0.2000", "0.1000", "0.4000"]
