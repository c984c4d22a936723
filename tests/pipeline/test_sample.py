import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from models.tasks import TASKS
from pipeline.configuration.config import Config
from pipeline.sample import Request, RequestError, load_request, sample_request, save_request, score_and_show


def test_a_saved_request_is_loaded_again(tmp_path: Path):
    request = Request({"hour": "09", "product": None}, [{"show_id": "s1", "genres": ["news"]}, {"show_id": "s2"}])
    save_request(request, tmp_path / "r.json")
    assert load_request(tmp_path / "r.json") == request


@pytest.mark.parametrize("text", ["", "[1]", '{"request": {}}', '{"request": {}, "candidates": 3}'])
def test_a_file_that_is_no_request_says_what_one_is(tmp_path: Path, text: str):
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(RequestError, match=r"r.json is no request; write"):
        load_request(tmp_path / "r.json")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(RequestError, match=r"cannot read .*r\.json: No such file"):
        load_request(tmp_path / "r.json")


def test_a_split_without_rows_left_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.sample.newest_output", lambda *_: str(tmp_path))
    with pytest.raises(RequestError, match=r"has no test rows any more .* run the pipeline again"):
        sample_request(Config(), SimpleNamespace())


def test_shows_are_named_whole_on_a_narrow_terminal():
    shows = [f"4[b]J6Egrf8K2Iryw[/]wOM{number}" for number in range(3)]  # their brackets are no markup
    request = Request({}, [{"show_id": show, "slot": "home_promotion_card"} for show in shows])
    client = SimpleNamespace(
        score_candidates=lambda *_: {head: np.array([0.1, 0.3, 0.2]) for head in TASKS},
        metadata=lambda: SimpleNamespace(version=1795494344),
    )
    screen = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    score_and_show(request, client, screen)
    title, *table = screen.file.getvalue().splitlines()
    assert title == (
        "The 3 best of 3 candidates for one user by promotion_stream, scored over gRPC by version 1795494344"
    )
    assert all(len(line) <= 80 and "…" not in line for line in table)
    rows = [line.split() for line in table if line.startswith("4[b]")]
    assert [(row[0], row[2:]) for row in rows] == [
        (shows[number], [score] * len(TASKS)) for number, score in ((1, "0.3000"), (2, "0.2000"), (0, "0.1000"))
    ]
