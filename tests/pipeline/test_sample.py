from pathlib import Path

import pytest

from pipeline.sample import Request, RequestError, load_request, save_request


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
