"""One form of a request: what is saved is what is loaded and what the client scores."""

import json
from pathlib import Path

import pytest

from serving.client import Client, Request, RequestFileError, load_request, save_request
from tests.serving.client.some_candidates import AD_STREAM, CANDIDATES, REQUEST


def test_a_saved_request_is_loaded_and_scored(tmp_path: Path, client: Client) -> None:
    file = tmp_path / "request.json"
    request = Request(REQUEST, CANDIDATES)
    save_request(request, file)
    assert load_request(file) == request
    assert json.loads(file.read_text()) == {"request": REQUEST, "candidates": CANDIDATES}
    loaded = load_request(str(file))
    assert client.score_candidates(loaded.request, loaded.candidates)["ad_stream"].tolist() == AD_STREAM


def test_a_saved_request_has_a_line_for_each_feature(tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    save_request(Request({"market": "SE", "hour": "18"}, {"show_id": ["é", None]}), file)
    assert file.read_text(encoding="utf-8").splitlines() == [
        "{",
        ' "request": {',
        '  "market": "SE",',
        '  "hour": "18"',
        " },",
        ' "candidates": {',
        '  "show_id": ["é", null]',
        " }",
        "}",
    ]
    save_request(Request({}, {}), file)
    assert load_request(file) == Request({}, {})


def test_the_size_is_the_number_of_candidates() -> None:
    assert Request({}, {"show_id": ["a", "b"]}).size == 2
    assert Request({}, {}).size == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no JSON object"),
        ('{"request": {}}', "has no 'candidates'"),
        ('{"request": {}, "candidates": {}, "more": 1}', "has the unknown key 'more'"),
        ('{"request": [], "candidates": {}}', "has no object of features under 'request'"),
        (
            '{"request": {}, "candidates": [{"show_id": "a"}]}',
            "has a list under 'candidates' instead of an object with a list for each feature",
        ),
        ('{"request": {}, "candidates": 1}', "has no object of features under 'candidates'"),
        (
            '{"request": {}, "candidates": {"show_id": "ab"}}',
            "has no list with a value for each candidate .* for 'show_id'",
        ),
        ('{"request": {}, "candidates": {"a": [1], "b": [1, 2]}}', "has lists of different lengths .*: a 1, b 2"),
    ],
)
def test_a_file_of_another_form_is_an_error_in_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "request.json"
    file.write_text(text)
    with pytest.raises(RequestFileError, match=f"request.json {words}.*; write "):
        load_request(file)


def test_a_file_that_cannot_be_read_or_written_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(RequestFileError, match="cannot be read: No such file or directory"):
        load_request(tmp_path / "missing.json")
    with pytest.raises(RequestFileError, match="cannot be written: Is a directory"):
        save_request(Request({}, {}), tmp_path)
